import { expect, test } from '@jest/globals';
import { durationText, roundedDuration } from '../../queue/text.ts';

test.each([
  [240, '0.2 s'],
  [9_940, '9.9 s'],
  [9_960, '10 s'],
  [59_600, '1 m'],
  [185_000, '3 m 5 s'],
  [3_720_000, '1 h 2 m'],
])('%d ms are %s, and no finer where they are compared', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
  expect(durationText(roundedDuration(milliseconds))).toBe(text);
});
