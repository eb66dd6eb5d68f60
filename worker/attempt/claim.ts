import { hasEnded } from '../../queue/build.ts';
import {
  type Change,
  changeBuild,
  getBuild,
  type Store,
  type StoredBuild,
} from '../../queue/build-store.ts';
import type { AttemptDeps } from './attempt.ts';
import { noteLost } from './note-lost.ts';

/**
 * Takes a build for this worker: its own attempt with its own fence. Returns null if there is
 * nothing to run: it has ended, or ends here because a lost worker ran it too often. Call it only
 * with the build's job in hand, whose lock says that nobody else may run it.
 */
export async function claim(
  { store, worker, config }: AttemptDeps,
  id: string,
): Promise<StoredBuild | null> {
  const found = await getBuild(store, id);
  if (!found || hasEnded(found.state)) return null;
  if (found.state === 'running' && !(await recover(store, found, config.MAX_ATTEMPTS))) return null;
  const nextFence = Math.max(found.fence + 1, Date.now());
  const change: Change = {
    to: 'running',
    fence: found.fence,
    countUp: ['attempt'],
    nextFence,
    set: {
      startedAt: new Date().toISOString(),
      worker,
      step: null,
      steps: [],
      failure: null,
      reason: `Running on ${worker}.`,
    },
  };
  // Not what it answers counts: sent twice after a cut connection, it refuses what it did at first.
  await changeBuild(store, id, change);
  const taken = await getBuild(store, id);
  // Lost again before it could be read: the fence that is there now is another's.
  const isOwn = taken?.fence === nextFence && taken.worker === worker && taken.state === 'running';
  return isOwn ? taken : null;
}

/** Puts a build whose worker was lost back into the queue, or ends it. */
async function recover(store: Store, build: StoredBuild, maxAttempts: number): Promise<boolean> {
  const { id, fence, attempt, worker, cancel } = build;
  const finishedAt = new Date().toISOString();
  const queuedAt = finishedAt;
  if (cancel) {
    await changeBuild(store, id, {
      to: 'cancelled',
      fence,
      set: { reason: cancel, finishedAt },
      say: noteLost(build, cancel),
    });
    return false;
  }
  if (attempt >= maxAttempts) {
    const reason = `Its worker was lost ${attempt} times, last ${worker}.`;
    const say = noteLost(build, 'it is not begun again.');
    await changeBuild(store, id, { to: 'errored', fence, set: { reason, finishedAt }, say });
    return false;
  }
  const reason = `The worker ${worker} was lost; waiting for another.`;
  const say = noteLost(build, `the build begins again (attempt ${attempt + 1}).`);
  const change: Change = { to: 'queued', fence, set: { reason, queuedAt }, say };
  const outcome = await changeBuild(store, id, change);
  return outcome === 'ok' || (outcome.refused === 'state' && outcome.state === 'queued');
}
