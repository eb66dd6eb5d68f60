import type { Logger } from 'pino';
import { again } from '../again.ts';
import { announceEnds } from './announce-ends.ts';
import type { Notifier } from './notifier.ts';

/** The pause between two looks, in milliseconds. */
const pause = 1_000;

/** Looks again and again for ends that are to be told. Returns a function that ends it. */
export const keepTelling = (notifier: Notifier, log: Logger): (() => void) =>
  again(
    () => announceEnds(notifier),
    pause,
    (error) => log.debug(`An end is told later: ${error.message}`),
  );
