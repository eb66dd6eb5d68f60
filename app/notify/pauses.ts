import { milliseconds } from '../../queue/config-values.ts';
import { NotDelivered } from './problems.ts';

/** The pauses before each further try; the last is about a day after the first. */
const pauses = ['1m', '5m', '15m', '1h', '3h', '8h', '12h'].map(milliseconds);

/** How often a notification is tried. */
export const mostTries = pauses.length + 1;

/** The longest a receiver may ask to be left alone, in milliseconds. */
const longest = milliseconds('12h');

/** The shortest pause, whatever a receiver asks for, in milliseconds. */
const shortest = 1_000;

/** The pause after so many tries of which the last failed in this way, in milliseconds. */
export function pauseAfter(tries: number, error: Error | undefined): number {
  const asked = error instanceof NotDelivered ? error.askedPause : null;
  if (asked !== null) return Math.min(Math.max(asked, shortest), longest);
  return pauses[Math.min(tries, pauses.length) - 1] ?? longest;
}
