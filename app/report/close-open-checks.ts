import { hasEnded } from '../../queue/build.ts';
import { takeDueScript } from '../../queue/build-scripts.ts';
import { getBuild, type Store } from '../../queue/build-store.ts';
import { AccessEnded, type Forge, ReportRefused } from '../forge.ts';
import { inPresentRepository } from './in-present-repository.ts';
import { renderCheck } from './render-check.ts';

/** When an ended build's check is looked at again, and again if the forge is away, in milliseconds. */
const after = 60_000;

/** So many are looked at in one go: each is a request. */
const atOnce = 20;

/** Has the check of a build that has ended looked at again a minute later. */
export async function lookAgain({ redis, keys }: Store, id: string): Promise<void> {
  await redis.zadd(keys.dueChecks, 'NX', Date.now() + after, id);
}

/**
 * Looks at the checks of builds that ended a while ago, and completes those that are open still: a
 * write that GitHub took late, or a second run that an unclear failure left. Returns how many there
 * were. The record decides; a check that GitHub does not show is left alone.
 */
export async function closeOpenChecks(store: Store, forge: Forge): Promise<number> {
  const { redis, keys } = store;
  const now = Date.now();
  const due = await redis.eval(takeDueScript, 1, keys.dueChecks, now, now + after, atOnce);
  let closed = 0;
  for (const id of due as string[]) {
    closed += await closeChecksOf(store, forge, id);
    await redis.zrem(keys.dueChecks, id);
  }
  return closed;
}

async function closeChecksOf(store: Store, forge: Forge, id: string): Promise<number> {
  const found = await getBuild(store, id);
  if (!found || !hasEnded(found.state) || found.checkRunId === null) return 0;
  const build = await inPresentRepository(store, found);
  const check = renderCheck(build);
  try {
    const open = await forge.openChecks(build, check.name);
    for (const checkRunId of open) await forge.reportCheck({ ...build, checkRunId }, check);
    return open.length;
  } catch (error) {
    if (error instanceof AccessEnded || error instanceof ReportRefused) return 0;
    throw error;
  }
}
