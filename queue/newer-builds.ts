import { type BuildFilter, idsMatching } from './build-filter.ts';
import type { Store } from './build-store.ts';

/** So many records are looked at at most. */
const scanLimit = 2_000;
const chunk = 200;

/**
 * Where the page of newer builds begins, of a repository's list that goes on below the `seq` in
 * `before`: the `seq` that the newer page is below, or null where that is the first page.
 */
export async function newerPage(
  store: Store,
  filter: BuildFilter & { repositoryId: number },
  { limit, before }: { limit: number; before: number },
): Promise<number | null> {
  const index = store.keys.buildsOf(filter.repositoryId);
  let last = before - 1;
  let found = 0;
  for (let scanned = 0; scanned < scanLimit; scanned += chunk) {
    const some = ['WITHSCORES', 'LIMIT', 0, chunk] as const;
    const listed = await store.redis.zrangebyscore(index, `(${last}`, '+inf', ...some);
    if (listed.length === 0) return null;
    const ids = listed.filter((_, at) => at % 2 === 0);
    const matching = await idsMatching(store, ids, filter);
    const next = matching[limit - found];
    if (next !== undefined) return Number(listed[listed.indexOf(next) + 1]);
    found += matching.length;
    last = Number(listed.at(-1));
  }
  return last;
}
