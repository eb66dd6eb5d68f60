import type { Store } from './build-store.ts';

/**
 * How many builds are to be taken before each of these; null for one that no worker may take at the
 * moment, or that one has taken. Workers take them by BullMQ's priority, which is the owner's turn.
 */
export async function placesOf({ redis, keys }: Store, ids: string[]): Promise<(number | null)[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.zrank(`${keys.bull}:builds:prioritized`, id);
  return ((await pipeline.exec()) ?? []).map(([error, place]) => {
    if (error) throw error;
    return place as number | null;
  });
}
