import type { StoredBuild } from '../../queue/build-store.ts';
import type { WebDeps } from '../web-deps.ts';

/**
 * Does something for as long as a reader may read a build, which is asked again at an interval with
 * the reader's token of that time; the signal fires when the answer is no. While the forge does not
 * answer, what it said last holds.
 */
export async function whileReadable(
  { gate, recheckInterval, log }: Pick<WebDeps, 'gate' | 'recheckInterval' | 'log'>,
  build: StoredBuild,
  tokenNow: () => Promise<string | null>,
  work: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const timer = setInterval(async () => {
    try {
      if (!(await gate.mayRead(await tokenNow(), build))) lost.abort();
    } catch (error) {
      log.warn({ err: error, build: build.id }, 'It could not be seen who may still read a log');
    }
  }, recheckInterval);
  try {
    await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
}
