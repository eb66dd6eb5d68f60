import type { Repository } from '../../queue/build.ts';
import type { Store, StoredBuild } from '../../queue/build-store.ts';
import { lastDurations } from '../../queue/last-durations.ts';
import { latestBuilds } from '../../queue/latest-builds.ts';
import { oldestOf } from '../../queue/oldest-of.ts';
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
  const { store } = deps;
  const mine = new Set(repositories.mine.map(({ id }) => id));
  const others = new Set(repositories.visible.map(({ id }) => id).filter((id) => !mine.has(id)));
  const workers = await listWorkers(store);
  // Each by itself: other people's builds are not to push one's own off the page.
  const [own, strange] = await Promise.all([
    doings(store, mine, workers),
    doings(store, others, workers),
  ]);
  return { mine: own, others: strange, workers: isInsider ? workers : null };
}

async function doings(store: Store, ids: Set<number>, workers: WorkerPresence[]): Promise<Doings> {
  const [running, waiting, latest] = await Promise.all([
    oldestOf(store, 'running', ids, most.running),
    oldestOf(store, 'queued', ids, most.waiting),
    latestBuilds(store, [...ids], most.repositories),
  ]);
  return {
    running: await withDurations(store, running),
    waiting: await withReasons(store, waiting, workers),
    latest,
    isCut: latest.length === most.repositories,
  };
}

async function withDurations(store: Store, builds: StoredBuild[]): Promise<Running[]> {
  const ids = [...new Set(builds.map(({ repository }) => repository.id))];
  const found = await Promise.all(ids.map((id) => lastDurations(store, id)));
  return builds.map((build) => ({
    build,
    expected: found[ids.indexOf(build.repository.id)]?.(build.name) ?? null,
  }));
}

/** In the order in which they will be taken; those that nobody may take yet come last. */
async function withReasons(
  store: Store,
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
