import { expect, test } from '@jest/globals';
import { agoText } from '../../../app/browser/ago-text.ts';

test('a moment is told from now in whole minutes, hours or days', () => {
  const at = (seconds: number) => agoText('2026-03-01T12:00:00.000Z', moment + seconds * 1_000);
  const moment = Date.parse('2026-03-01T12:00:00.000Z');
  expect([-59, 0, 59].map(at)).toEqual(['just now', 'just now', 'just now']);
  expect([60, 3_599, 3_600].map(at)).toEqual(['1 min ago', '59 min ago', '1 h ago']);
  expect([2 * 86_400 - 1, 2 * 86_400].map(at)).toEqual(['47 h ago', '2 days ago']);
  expect([-60, -7_200].map(at)).toEqual(['in 1 min', 'in 2 h']);
});
