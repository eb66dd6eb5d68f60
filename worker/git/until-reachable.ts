import { setTimeout as sleep } from 'node:timers/promises';
import { GitFailed } from './git.ts';

/** The pauses between tries in milliseconds: doubled each time up to the longest. */
const pauses = { first: 1_000, longest: 15_000 };

/**
 * Runs git again and again while the repository's host is away, which says nothing about the build:
 * until the signal fires. `onLine` hears of each try. Throws what else `work` throws, or the
 * signal's reason.
 */
export async function untilReachable<T>(
  work: () => Promise<T>,
  onLine: (text: string) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.longest)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GitFailed) || !isAway(error.printed)) throw error;
      onLine(`${error.message}; trying again in ${pause / 1_000} s`);
    }
    await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Whether git speaks of a host that is away, busy or cut off, and not of an answer or a certificate. */
export const isAway = (printed: string): boolean => away.test(printed) && !answered.test(printed);

const away = /unable to access '|RPC failed|early EOF|unexpected disconnect/;
const answered = /returned error: (?!408|429)4\d\d|HTTP (?!408|429)4\d\d|SSL|certificate/i;
