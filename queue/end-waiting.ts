import { oldestIn } from './build-list.ts';
import {
  type Change,
  changeBuild,
  getBuilds,
  type Store,
  type StoredBuild,
} from './build-store.ts';
import { missing } from './missing-keys.ts';
import { durationText } from './text.ts';

/** So many builds are looked at in one go. */
const atOnce = 1_000;

/** How long a lost worker's build that somebody cancelled waits for another, in milliseconds. */
const patience = 60_000;

/**
 * Ends builds that have waited for a worker for longer than `longestWait` milliseconds: queued ones,
 * and running ones that lost theirs and were taken by no other. Returns the ids of those.
 */
export async function endWaiting(store: Store, longestWait: number): Promise<string[]> {
  const ended: string[] = [];
  const end = async ({ id }: StoredBuild, change: Change, reason: string): Promise<void> => {
    const set = { reason, finishedAt: new Date().toISOString() };
    const outcome = await changeBuild(store, id, { ...change, to: 'cancelled', set });
    if (outcome === 'ok') ended.push(id);
  };
  const within = `within ${durationText(longestWait)} (QUEUE_TIMEOUT).`;
  const before = Date.now() - longestWait;
  for (const build of await getBuilds(store, await oldestIn(store, 'queued', atOnce)))
    if (Date.parse(build.queuedAt) < before)
      await end(build, { within: ['queued'] }, `No worker took it ${within}`);
  for (const { build, since } of await abandoned(store)) {
    const change: Change = { within: ['running'], fence: build.fence };
    const lost = `Its worker ${build.worker} was lost, and no other took it ${within}`;
    if (since < before) await end(build, change, lost);
    else if (build.cancel && since < Date.now() - patience) await end(build, change, build.cancel);
  }
  return ended;
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
