import type { StoredBuild } from '../../queue/build-store.ts';
import type { WebDeps } from '../web-deps.ts';

/** So many times in a row it may not be told whether somebody may still read. */
const mostUnanswered = 3;

/**
 * Does something for as long as a reader may read a build, which is asked again at an interval with
 * the reader's token of that time; the signal fires when the answer is no. Where the forge does not
 * answer, what it said last holds, but for three times in a row only: a reader whom it will not hear,
 * having asked too much with the token, would stay for ever.
 */
export async function whileReadable(
  { gate, recheckInterval, log }: Pick<WebDeps, 'gate' | 'recheckInterval' | 'log'>,
  build: StoredBuild,
  tokenNow: () => Promise<string | null>,
  work: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  let unanswered = 0;
  const timer = setInterval(async () => {
    try {
      if (!(await gate.mayRead(await tokenNow(), build))) lost.abort();
      unanswered = 0;
    } catch (error) {
      unanswered += 1;
      if (unanswered >= mostUnanswered) lost.abort();
      log.warn({ err: error, build: build.id }, 'It could not be seen who may still read a log');
    }
  }, recheckInterval);
  try {
    await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
}
