import { type BuildFilter, matches } from './build-list.ts';
import { getBuilds, type Store } from './build-store.ts';

/** So many records are looked at at most. */
const scanLimit = 2_000;
const chunk = 100;

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
    const ids = await store.redis.zrangebyscore(index, `(${last}`, '+inf', 'LIMIT', 0, chunk);
    if (ids.length === 0) return null;
    for (const build of await getBuilds(store, ids)) {
      last = build.seq;
      if (!matches(build, filter)) continue;
      if (found === limit) return last;
      found += 1;
    }
  }
  return last;
}
