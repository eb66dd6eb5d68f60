import { hasEnded } from '../../queue/build.ts';
import { type Change, changeBuild, getBuild, type StoredBuild } from '../../queue/build-store.ts';
import { enqueueArchive } from '../../queue/queues.ts';
import type { AttemptDeps } from './attempt.ts';
import { noteLost } from './note-lost.ts';

/**
 * Takes a build for this worker: its own attempt with its own fence. Returns null if there is
 * nothing to run: it has ended, or ends here because a lost worker ran it too often. Call it only
 * with the build's job in hand, whose lock says that nobody else may run it.
 */
export async function claim(deps: AttemptDeps, id: string): Promise<StoredBuild | null> {
  const { store, worker } = deps;
  const found = await getBuild(store, id);
  if (!found || hasEnded(found.state)) return null;
  if (found.state === 'running' && !(await recover(deps, found))) return null;
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
async function recover(
  { store, queues, config }: AttemptDeps,
  build: StoredBuild,
): Promise<boolean> {
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
    await enqueueArchive(queues, id);
    return false;
  }
  if (attempt >= config.MAX_ATTEMPTS) {
    const reason = `Its worker was lost ${attempt} times (MAX_ATTEMPTS), last ${worker}.`;
    const say = noteLost(build, `it is not begun again. ${reason}`);
    await changeBuild(store, id, { to: 'errored', fence, set: { reason, finishedAt }, say });
    await enqueueArchive(queues, id);
    return false;
  }
  const reason = `The worker ${worker} was lost; waiting for another.`;
  const say = noteLost(build, `the build begins again (attempt ${attempt + 1}).`);
  const change: Change = { to: 'queued', fence, set: { reason, queuedAt }, say };
  const outcome = await changeBuild(store, id, change);
  return outcome === 'ok' || (outcome.refused === 'state' && outcome.state === 'queued');
}
