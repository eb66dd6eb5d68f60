import type { Store } from './build-store.ts';

/** So many of a repository's newest builds are looked at. */
const lookedAt = 100;

/** The names of the rules of a repository's newest builds, in alphabetical order. */
export async function ruleNames({ redis, keys }: Store, repositoryId: number): Promise<string[]> {
  const ids = await redis.zrevrange(keys.buildsOf(repositoryId), 0, lookedAt - 1);
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hget(keys.build(id), 'name');
  const names = new Set<string>();
  for (const [error, name] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    if (name !== null) names.add(JSON.parse(name as string));
  }
  return [...names].sort();
}
