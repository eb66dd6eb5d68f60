import type { Store } from './build-store.ts';

/** What a worker says of itself every few seconds. */
export type WorkerPresence = {
  name: string;
  /** Why it takes no builds at the moment; null if it does. */
  problem: string | null;
  /** Which Engine it builds on; null until one has answered. */
  engine: string | null;
  running: number;
  concurrency: number;
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
