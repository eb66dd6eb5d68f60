import type { Logger } from 'pino';
import { type Build, hasEnded } from '../../queue/build.ts';
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

/** What looking needs; `leftAlone` is kept by the caller from one look to the next. */
export type OpenChecks = {
  store: Store;
  forge: Forge;
  log: Logger;
  /** Until when an installation asked to be left alone, in milliseconds since the epoch, by its id. */
  leftAlone: Map<number | null, number>;
};

/**
 * Looks at the checks of builds that ended a while ago, and completes those that are open still: a
 * write that GitHub took late, or a second run that an unclear failure left. Returns how many there
 * were. The record decides; a check that GitHub does not show is left alone. One that GitHub does not
 * answer about holds up no other.
 */
export async function closeOpenChecks(looked: OpenChecks): Promise<number> {
  const { redis, keys } = looked.store;
  const now = Date.now();
  const due = await redis.eval(takeDueScript, 1, keys.dueChecks, now, now + after, atOnce);
  let closed = 0;
  for (const id of due as string[]) {
    const build = await endedBuild(looked.store, id);
    const until = build && (looked.leftAlone.get(build.repository.installationId) ?? 0);
    if (until && until > Date.now()) {
      await redis.zadd(keys.dueChecks, 'XX', until, id);
      continue;
    }
    try {
      if (build) closed += await closeChecksOf(looked, build);
      await redis.zrem(keys.dueChecks, id);
    } catch (error) {
      const pause = looked.forge.askedPause(error as Error);
      if (build && pause > 0)
        looked.leftAlone.set(build.repository.installationId, Date.now() + pause);
      await redis.zadd(keys.dueChecks, 'XX', Date.now() + Math.max(after, pause), id);
      looked.log.debug({ build: id }, `Its check is looked at later: ${(error as Error).message}`);
    }
  }
  return closed;
}

/** A build that has ended and has a check, with its repository as it is by now. */
async function endedBuild(store: Store, id: string): Promise<Build | null> {
  const found = await getBuild(store, id);
  if (!found || !hasEnded(found.state) || found.checkRunId === null) return null;
  return inPresentRepository(store, found);
}

async function closeChecksOf({ forge }: OpenChecks, build: Build): Promise<number> {
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
