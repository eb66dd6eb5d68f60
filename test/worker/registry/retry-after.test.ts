import { expect, test } from '@jest/globals';
import { retryAfterMs } from '../../../worker/registry/retry-after.ts';

const now = Date.parse('2026-05-01T10:00:00Z');

test.each([
  ['0', 0],
  ['2', 2000],
  [' 30 ', 30_000],
  ['301', 300_000],
  ['9'.repeat(400), 300_000],
  ['Fri, 01 May 2026 10:00:30 GMT', 30_000],
  ['Fri, 01 May 2026 09:00:00 GMT', 0],
  ['Sat, 02 May 2026 10:00:00 GMT', 300_000],
  ['1.5', null],
  ['-1', null],
  ['soon', null],
  ['', null],
  [undefined, null],
])('%s is %j', (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected);
});
