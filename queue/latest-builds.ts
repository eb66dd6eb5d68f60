import { getBuilds, type Store, type StoredBuild } from './build-store.ts';

/**
 * The newest build of each repository that has one, newest first, at most `limit`. However many
 * builds a repository has, one record of it is read.
 */
export async function latestBuilds(
  store: Store,
  repositoryIds: number[],
  limit: number,
): Promise<StoredBuild[]> {
  const { redis, keys } = store;
  const pipeline = redis.pipeline();
  for (const id of repositoryIds) pipeline.zrevrange(keys.buildsOf(id), 0, 0, 'WITHSCORES');
  const newest: { id: string; seq: number }[] = [];
  for (const [error, found] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    const [id, seq] = found as string[];
    if (id !== undefined) newest.push({ id, seq: Number(seq) });
  }
  newest.sort((one, other) => other.seq - one.seq);
  return getBuilds(
    store,
    newest.slice(0, limit).map(({ id }) => id),
  );
}
