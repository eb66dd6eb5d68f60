import { changeBuild, type StoredBuild } from '../../queue/build-store.ts';
import { rememberImage } from '../../queue/known-images.ts';
import { enqueueArchive } from '../../queue/queues.ts';
import { stopsAnswering } from '../engine/stops-answering.ts';
import type { AttemptDeps, Finished } from './attempt.ts';
import type { Verdict } from './judge.ts';

/** What is to become of the build's job in the queue; `delay` is in milliseconds. */
export type JobEnd = 'done' | 'wait' | { delay: number };

/** How long a build waits before some worker looks at it again while there is no Engine, in ms. */
export const engineAway = 2_000;

/** How long after its first attempt a build is begun again, and so much longer after each, in ms. */
const pause = 5_000;

/** Writes the end of a build that went well; false if the build is no longer this attempt's. */
export async function succeed(
  { store, queues }: AttemptDeps,
  build: StoredBuild,
  finished: Finished,
  started: number,
): Promise<boolean> {
  const { digest, size, tags, kept, reused, fingerprint } = finished;
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  const outcome = await changeBuild(store, build.id, {
    to: 'succeeded',
    fence: build.fence,
    set: {
      reason: [outcomeOf(finished, seconds), ...kept].join(' '),
      ...{ digest, size, tags, step: null, finishedAt: new Date().toISOString() },
      reuses: reused?.id ?? null,
    },
  });
  if (outcome !== 'ok') return false;
  if (fingerprint !== null && digest !== null) {
    const { id, sha, image } = reused ?? build;
    await rememberImage(store, fingerprint, { id, sha, image, digest, size });
  }
  await enqueueArchive(queues, build.id);
  return true;
}

function outcomeOf({ digest, reused }: Finished, seconds: number): string {
  if (reused === null)
    return digest === null
      ? `Built, not pushed, in ${seconds} s.`
      : `Pushed ${digest} in ${seconds} s.`;
  const from = `${reused.digest} from ${reused.sha.slice(0, 7)}`;
  return digest === null
    ? `Same as ${from}, not pushed, ${seconds} s.`
    : `Reused ${from}, ${seconds} s.`;
}

/**
 * Writes what an attempt that did not go well means for its build: an end, or back into the queue. One
 * whose Engine is away does not count. Writes nothing where the build is another attempt's by now.
 * `build` has the attempt's steps as they ended.
 */
export async function conclude(
  deps: AttemptDeps,
  build: StoredBuild,
  verdict: Verdict,
  say: (text: string) => unknown,
  closeLog: () => Promise<void>,
): Promise<JobEnd> {
  const { id, fence, attempt, steps } = build;
  if ('lost' in verdict) return 'done';
  const isCounted = 'again' in verdict && !(await stopsAnswering(deps.docker));
  if ('end' in verdict || (isCounted && attempt >= deps.config.MAX_ATTEMPTS)) {
    const reason =
      'end' in verdict ? verdict.reason : `${verdict.again} Tried ${attempt} times (MAX_ATTEMPTS).`;
    const failure = 'end' in verdict ? verdict.failure : null;
    say(reason);
    await closeLog();
    await changeBuild(deps.store, id, {
      to: 'end' in verdict ? verdict.end : 'errored',
      fence,
      set: { reason, failure, steps, finishedAt: new Date().toISOString() },
    });
    await enqueueArchive(deps.queues, id);
    return 'done';
  }
  const why = 'again' in verdict ? verdict.again : 'uncounted' in verdict && verdict.uncounted;
  const reason = 'handBack' in verdict ? verdict.handBack : `${why} It will be tried again.`;
  say(reason);
  await closeLog();
  const queuedAt = new Date().toISOString();
  await changeBuild(deps.store, id, {
    to: 'queued',
    fence,
    set: {
      reason,
      queuedAt,
      worker: null,
      step: null,
      ...(!isCounted && { attempt: attempt - 1 }),
    },
  });
  if ('handBack' in verdict) return 'wait';
  return { delay: isCounted ? pause * attempt : engineAway };
}
