import type { Store } from './build-store.ts';

/** So many are asked for in one go. */
const chunk = 1_000;

/** Those ids for which BullMQ has no key of that name. */
export async function missing(
  { redis, keys }: Store,
  ids: string[],
  keyOf: (id: string) => string,
): Promise<string[]> {
  const lacking: string[] = [];
  for (let start = 0; start < ids.length; start += chunk) {
    const some = ids.slice(start, start + chunk);
    const pipeline = redis.pipeline();
    for (const id of some) pipeline.exists(`${keys.bull}:${keyOf(id)}`);
    const answers = (await pipeline.exec()) ?? [];
    lacking.push(...some.filter((_, index) => answers[index]?.[1] === 0));
  }
  return lacking;
}
