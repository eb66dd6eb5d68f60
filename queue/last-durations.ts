import type { Build } from './build.ts';
import type { Store } from './build-store.ts';

/** So many of a repository's newest builds are looked at. */
const lookedAt = 50;

/** What is read of each record, since the whole of fifty would be much for a page. */
const fields = ['name', 'state', 'reuses', 'startedAt', 'finishedAt'] as const;

type Read = Pick<Build, (typeof fields)[number]>;

/**
 * How long the last build of a repository's rule took that succeeded, on whatever ref, in
 * milliseconds. One that took an image from another is no measure. Null for a rule without such a
 * build among the newest.
 */
export async function lastDurations(
  { redis, keys }: Store,
  repositoryId: number,
): Promise<(rule: string) => number | null> {
  const ids = await redis.zrevrange(keys.buildsOf(repositoryId), 0, lookedAt - 1);
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(keys.build(id), ...fields);
  const durations = new Map<string, number>();
  for (const [error, values] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    const { name, state, reuses, startedAt, finishedAt } = readOf(values as (string | null)[]);
    if (state !== 'succeeded' || reuses || !startedAt || !finishedAt || durations.has(name))
      continue;
    durations.set(name, Date.parse(finishedAt) - Date.parse(startedAt));
  }
  return (rule) => durations.get(rule) ?? null;
}

const readOf = (values: (string | null)[]): Read =>
  Object.fromEntries(
    fields.map((field, index) => [field, JSON.parse(values[index] ?? 'null')]),
  ) as Read;
