import { oldestIn } from './build-list.ts';
import { changeBuild, getBuilds, type Store, type StoredBuild } from './build-store.ts';
import { endQueued } from './end-queued.ts';
import { missing } from './missing-keys.ts';
import { enqueueArchive, enqueueReport, type Queues } from './queues.ts';
import { durationText } from './text.ts';

/** So many builds are looked at in one go. */
const atOnce = 1_000;

/** How long a lost worker's build that somebody cancelled waits for another, in milliseconds. */
const patience = 60_000;

/**
 * Ends builds that have waited for a worker for longer than `longestWait` milliseconds: queued ones,
 * and running ones that lost theirs and were taken by no other. Returns the ids of those.
 */
export async function endWaiting(
  deps: { store: Store; queues: Queues },
  longestWait: number,
): Promise<string[]> {
  const { store } = deps;
  const ended: string[] = [];
  const within = `within ${durationText(longestWait)} (QUEUE_TIMEOUT).`;
  const before = Date.now() - longestWait;
  for (const build of await getBuilds(store, await oldestIn(store, 'queued', atOnce)))
    if (Date.parse(build.queuedAt) < before)
      if (await endQueued(deps, build.id, `No worker took it ${within}`)) ended.push(build.id);
  for (const { build, since } of await abandoned(store)) {
    const lost = `Its worker ${build.worker} was lost, and no other took it ${within}`;
    const isCancelled = build.cancel !== null && since < Date.now() - patience;
    const reason = since < before ? lost : isCancelled ? build.cancel : null;
    if (reason && (await endLost(deps, build, reason))) ended.push(build.id);
  }
  return ended;
}

/** Ends a running build that no worker holds; false if one has taken it in the meantime. */
async function endLost(
  { store, queues }: { store: Store; queues: Queues },
  { id, fence, step }: StoredBuild,
  reason: string,
): Promise<boolean> {
  const now = new Date();
  const outcome = await changeBuild(store, id, {
    ...{ to: 'cancelled', within: ['running'], fence },
    set: { reason, finishedAt: now.toISOString() },
    say: { at: now.getTime(), step: step ?? 'checkout', stream: 'status', text: reason },
  });
  if (outcome !== 'ok') return false;
  await enqueueReport(queues, id);
  await enqueueArchive(queues, id);
  return true;
}

/** Running builds that no worker holds, and since when that is known. */
async function abandoned(store: Store): Promise<{ build: StoredBuild; since: number }[]> {
  const { redis, keys } = store;
  const running = await redis.zrange(keys.buildsIn('running'), '0', '-1');
  const unheld = await missing(store, running, (id) => `builds:${id}:lock`);
  const known = await redis.zrange(keys.unheld, '0', '-1');
  const gone = known.filter((id) => !unheld.includes(id));
  if (gone.length > 0) await redis.zrem(keys.unheld, ...gone);
  if (unheld.length === 0) return [];
  const now = Date.now();
  await redis.zadd(keys.unheld, 'NX', ...unheld.flatMap((id) => [now, id]));
  const builds = await getBuilds(store, unheld);
  const since = await redis.zmscore(keys.unheld, ...builds.map(({ id }) => id));
  return builds.map((build, index) => ({ build, since: Number(since[index] ?? now) }));
}
