import type Docker from 'dockerode';
import type { Store } from '../../queue/build-store.ts';
import type { WorkerConfig } from '../../queue/config.ts';
import { withLock } from '../../queue/lock.ts';
import type { PrunedKind, Room } from '../../queue/workers.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import { shrinkMirrors } from '../git/mirror-store.ts';
import type { Mirrors } from '../git/mirrors.ts';
import { removeLeftovers } from '../test/leftovers.ts';
import { removeDeadFolders } from './attempt-folders.ts';
import { cacheSize, pruneCache } from './build-cache.ts';
import { isBySocket } from './data-root.ts';
import { prunePulled } from './pulled-images.ts';

/** What pruning needs. */
export type PruneDeps = {
  store: Store;
  docker: Docker;
  engine: () => Promise<EngineFacts>;
  mirrors: Mirrors;
  config: Pick<WorkerConfig, 'DATA_DIR' | 'DISK_FLOOR' | 'CACHE_LIMIT'>;
  /** How much is free now. */
  measure: () => Promise<Room[]>;
  /** Called with what was freed. */
  onFreed: (kind: PrunedKind, bytes: number) => void;
};

/** So much more than the floor is freed, as a part of it: the next build wants room as well. */
const margin = 0.1;

/** The most that BuildKit's cache may take of an Engine whose disk cannot be seen, in bytes. */
const unseenCache = 20 * 2 ** 30;

/** How long another worker may prune the same Engine before this one gives up, in milliseconds. */
const patience = 60_000;

/**
 * Frees disk until the floor is kept, and no more than that: first what is of no use to anybody,
 * then what was not used for longest of BuildKit's cache, of the images that Slipway pulled, and of
 * the mirrors. Nothing that a build uses at this moment goes, nor what Slipway has not made; only
 * BuildKit does not tell whose its cache is.
 */
export async function prune(deps: PruneDeps): Promise<void> {
  const { store, docker, engine, mirrors, config, onFreed } = deps;
  onFreed('folders', await removeDeadFolders(store, config.DATA_DIR));
  const { id } = await engine();
  // Two workers of one Engine would free twice as much as is wanted.
  await withLock(store, `prune:${id}`, AbortSignal.timeout(patience), async () => {
    await removeLeftovers(docker, store);
    await pruneToLimit(deps);
    const cache = (await wanted(deps)).engine;
    if (cache > 0) onFreed('cache', await pruneCache(docker, (await cacheSize(docker)) - cache));
    const images = (await wanted(deps)).engine;
    if (images > 0) onFreed('images', await prunePulled(store, id, docker, images));
  });
  const { data } = await wanted(deps);
  if (data > 0) onFreed('mirrors', await shrinkMirrors(mirrors, (total) => total - data));
}

/** Keeps BuildKit's cache within its limit, and removes what dead attempts left in folder and Engine. */
export async function tidy(deps: PruneDeps): Promise<void> {
  const { store, docker, engine, config, onFreed } = deps;
  onFreed('folders', await removeDeadFolders(store, config.DATA_DIR));
  const { id } = await engine();
  await withLock(store, `prune:${id}`, AbortSignal.timeout(patience), async () => {
    await removeLeftovers(docker, store);
    await pruneToLimit(deps);
  });
}

async function pruneToLimit({ docker, engine, config, onFreed }: PruneDeps): Promise<void> {
  const limit = config.CACHE_LIMIT ?? ((await engine()).dataRoot === null ? unseenCache : null);
  if (limit === null || (await cacheSize(docker)) <= limit) return;
  onFreed('cache', await pruneCache(docker, limit));
}

/** How many bytes each disk lacks. An Engine whose disk is not seen may well be on the worker's. */
async function wanted({ docker, config, measure }: PruneDeps) {
  const rooms = await measure();
  const lacking = (disk: Room['disk']): number | null => {
    const room = rooms.find((one) => one.disk === disk);
    if (!room) return null;
    return room.free < config.DISK_FLOOR ? config.DISK_FLOOR * (1 + margin) - room.free : 0;
  };
  const data = lacking('data') ?? 0;
  return { data, engine: lacking('engine') ?? (isBySocket(docker) ? data : 0) };
}
