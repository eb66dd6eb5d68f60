import type { Repository } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
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

/** What the first page shows to one reader. */
export type Home = {
  running: Running[];
  waiting: Waiting[];
  /** The newest build of each repository, newest first. */
  latest: StoredBuild[];
  /** Whether there are more repositories than that. */
  isCut: boolean;
  /** Null for who may not know of them. */
  workers: WorkerPresence[] | null;
};

/** So many builds of a state, and repositories, are read for one page at most. */
const most = { running: 200, waiting: 200, repositories: 200 };

/** Reads what the first page shows of these repositories, and of the workers if `isInsider`. */
export async function readHome(
  deps: Pick<WebDeps, 'store'>,
  mine: Repository[],
  isInsider: boolean,
): Promise<Home> {
  const { store } = deps;
  const ids = mine.map(({ id }) => id);
  const own = new Set(ids);
  const [running, waiting, latest, workers] = await Promise.all([
    oldestOf(store, 'running', own, most.running),
    oldestOf(store, 'queued', own, most.waiting),
    latestBuilds(store, ids, most.repositories),
    listWorkers(store),
  ]);
  return {
    running: await withDurations(deps, running),
    waiting: await withReasons(deps, waiting, workers),
    latest,
    isCut: latest.length === most.repositories,
    workers: isInsider ? workers : null,
  };
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
