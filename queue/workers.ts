import type { Store } from './build-store.ts';

/** A worker's own folder, `DATA_DIR`, or the data of its Engine where the worker can see them. */
export type DiskName = 'data' | 'engine';

/** How much of a file system is free, in bytes. */
export type Room = { disk: DiskName; free: number; total: number };

/** What was removed to have room: BuildKit's cache, images, mirrors, folders of dead attempts. */
export type PrunedKind = 'cache' | 'images' | 'mirrors' | 'folders';

/** What a worker says of its disks. */
export type DiskReport = {
  rooms: Room[];
  /** DISK_FLOOR: builds are taken only with so many bytes free. */
  floor: number;
  /** How many bytes it has freed since it started. */
  pruned: Record<PrunedKind, number>;
};

/** What a worker says of itself every few seconds. */
export type WorkerPresence = {
  name: string;
  /** Why it takes no builds at the moment; null if it does. */
  problem: string | null;
  /** Which Engine it builds on; null until one has answered. */
  engine: string | null;
  running: number;
  concurrency: number;
  disk: DiskReport;
};

/** Seconds after which a silent worker is no longer listed. */
const presence = 15;

/** Writes down that a worker is there. */
export async function announceWorker({ redis, keys }: Store, worker: WorkerPresence) {
  const now = Date.now();
  await redis
    .multi()
    .set(keys.worker(worker.name), JSON.stringify(worker), 'EX', presence)
    .zadd(keys.workers, now, worker.name)
    .zremrangebyscore(keys.workers, '-inf', now - presence * 1_000)
    .exec();
}

/** Takes a worker that stops off the list. */
export async function withdrawWorker({ redis, keys }: Store, name: string) {
  await redis.multi().del(keys.worker(name)).zrem(keys.workers, name).exec();
}

/** The workers that are there now. */
export async function listWorkers({ redis, keys }: Store): Promise<WorkerPresence[]> {
  const names = await redis.zrange(keys.workers, '0', '-1');
  if (names.length === 0) return [];
  const texts = await redis.mget(names.map(keys.worker));
  return texts.flatMap((text) => (text ? [JSON.parse(text) as WorkerPresence] : []));
}
