import type { Repository } from '../../queue/build.ts';
import { getBuilds, type StoredBuild } from '../../queue/build-store.ts';
import { lastDurations } from '../../queue/last-durations.ts';
import { latestBuilds } from '../../queue/latest-builds.ts';
import { placesOf } from '../../queue/places.ts';
import { listWorkers, type WorkerPresence } from '../../queue/workers.ts';
import type { WebDeps } from '../web-deps.ts';
import { whyWaiting } from './why-waiting.ts';

/** A build that runs, and how long the last one of its rule took, in milliseconds, if it is known. */
export type Running = { build: StoredBuild; expected: number | null };

/** A build that waits, and why in one sentence. */
export type Waiting = { build: StoredBuild; why: string };

/** What some repositories do. */
export type Doings = {
  running: Running[];
  waiting: Waiting[];
  /** The newest build of each repository, newest first. */
  latest: StoredBuild[];
  /** Whether there are more repositories than that. */
  isCut: boolean;
};

/** What the first page shows to one reader. */
export type Home = {
  mine: Doings;
  /** Of repositories that everybody may see and that are not the reader's. */
  others: Doings;
  /** Null for who may not know of them. */
  workers: WorkerPresence[] | null;
};

/** So many builds of a state, and repositories, are read for one page at most. */
const most = { running: 200, waiting: 200, repositories: 200 };

/**
 * Reads what the first page shows of a reader's repositories and of others that they may see, of
 * which some may be the reader's; and of the workers if `isInsider`.
 */
export async function readHome(
  deps: Pick<WebDeps, 'store'>,
  repositories: { mine: Repository[]; visible: Repository[] },
  isInsider: boolean,
): Promise<Home> {
  const mine = new Set(repositories.mine.map(({ id }) => id));
  const others = new Set(repositories.visible.map(({ id }) => id).filter((id) => !mine.has(id)));
  const all = new Set([...mine, ...others]);
  const [runs, waits, workers] = await Promise.all([
    oldest(deps, 'running', all),
    oldest(deps, 'queued', all),
    listWorkers(deps.store),
  ]);
  const running = await withDurations(deps, runs);
  const waiting = await withReasons(deps, waits, workers);
  const doings = async (ids: Set<number>): Promise<Doings> => {
    const latest = await latestBuilds(deps.store, [...ids], most.repositories);
    const isOne = ({ build }: { build: StoredBuild }) => ids.has(build.repository.id);
    return {
      running: running.filter(isOne),
      waiting: waiting.filter(isOne),
      latest,
      isCut: latest.length === most.repositories,
    };
  };
  return {
    mine: await doings(mine),
    others: await doings(others),
    workers: isInsider ? workers : null,
  };
}

async function oldest(
  { store }: Pick<WebDeps, 'store'>,
  state: 'running' | 'queued',
  mine: Set<number>,
): Promise<StoredBuild[]> {
  const { redis, keys } = store;
  const last = (state === 'running' ? most.running : most.waiting) - 1;
  const builds = await getBuilds(
    store,
    await redis.zrange(keys.buildsIn(state), '0', String(last)),
  );
  // One may have moved on between the two questions.
  return builds.filter((build) => build.state === state && mine.has(build.repository.id));
}

async function withDurations(
  { store }: Pick<WebDeps, 'store'>,
  builds: StoredBuild[],
): Promise<Running[]> {
  const ids = [...new Set(builds.map(({ repository }) => repository.id))];
  const found = await Promise.all(ids.map((id) => lastDurations(store, id)));
  return builds.map((build) => ({
    build,
    expected: found[ids.indexOf(build.repository.id)]?.(build.name) ?? null,
  }));
}

/** In the order in which they will be taken; those that nobody may take yet come last. */
async function withReasons(
  { store }: Pick<WebDeps, 'store'>,
  builds: StoredBuild[],
  workers: WorkerPresence[],
): Promise<Waiting[]> {
  const places = await placesOf(
    store,
    builds.map(({ id }) => id),
  );
  return builds
    .map((build, index) => ({ build, place: places[index] ?? null }))
    .sort((one, other) => (one.place ?? Infinity) - (other.place ?? Infinity))
    .map(({ build, place }) => ({ build, why: whyWaiting(build, place, workers) }));
}
