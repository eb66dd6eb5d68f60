import { expect, test } from '@jest/globals';
import { askedPause } from '../../../app/github/asked-pause.ts';

const now = 1_700_000_000_000;

const refusal = (status: number, headers: Record<string, string>, message = 'Refused') =>
  Object.assign(new Error(message), { status, response: { headers } });

test.each([
  [429, { 'retry-after': '7' }, 'Refused', 7_000],
  [403, { 'retry-after': '90' }, 'Refused', 90_000],
  [403, { 'retry-after': '86400' }, 'Refused', 3_600_000],
  [403, { 'retry-after': 'tomorrow' }, 'Refused', 60_000],
  [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1700000030' }, 'Refused', 31_000],
  [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1600000000' }, 'Refused', 0],
  [403, { 'x-ratelimit-remaining': '12' }, 'You have exceeded a secondary rate limit.', 60_000],
  [403, {}, 'Resource not accessible by integration', 0],
  [502, { 'retry-after': '7' }, 'Refused', 0],
])('%i with %j and “%s” asks for %i ms', (status, headers, message, pause) => {
  expect(askedPause(refusal(status, headers, message), now)).toBe(pause);
});

test('an error that is no answer asks for nothing', () => {
  expect(askedPause(new Error('fetch failed'), now)).toBe(0);
});
