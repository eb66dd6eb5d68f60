import type { BuildState } from './build.ts';
import { type BuildFilter, idsMatching, matches } from './build-filter.ts';
import { getBuilds, type Store, type StoredBuild } from './build-store.ts';

/** One page of builds, newest first, and the `seq` after which the next page begins, if any. */
export type BuildPage = { builds: StoredBuild[]; next: number | null };

/** So many records are looked at for one page at most; a page may be short and yet not the last. */
const scanLimit = 2_000;
const chunk = 200;

/** So many whole records are read at once at least: `visible` may let few of them through. */
const piece = 50;

/**
 * The newest builds that the filter and `visible` let through, at most `limit`, older than the
 * `seq` in `before` if that is given.
 */
export async function listBuilds(
  store: Store,
  filter: BuildFilter,
  page: { limit: number; before?: number },
  visible: (build: StoredBuild) => Promise<boolean>,
): Promise<BuildPage> {
  const { redis, keys } = store;
  const index =
    filter.repositoryId !== undefined
      ? keys.buildsOf(filter.repositoryId)
      : filter.state
        ? keys.buildsIn(filter.state)
        : keys.builds;
  const builds: StoredBuild[] = [];
  let last = page.before;
  for (let scanned = 0; scanned < scanLimit; scanned += chunk) {
    const below = last === undefined ? '+inf' : `(${last}`;
    const some = ['WITHSCORES', 'LIMIT', 0, chunk] as const;
    const listed = await redis.zrevrangebyscore(index, below, '-inf', ...some);
    if (listed.length === 0) return { builds, next: null };
    if (builds.length === page.limit) return { builds, next: last ?? null };
    const ids = listed.filter((_, at) => at % 2 === 0);
    for await (const build of wholeOf(store, await idsMatching(store, ids, filter))) {
      if (builds.length === page.limit) return { builds, next: last ?? null };
      last = build.seq;
      if (matches(build, filter) && (await visible(build))) builds.push(build);
    }
    last = Number(listed.at(-1));
  }
  return { builds, next: last ?? null };
}

async function* wholeOf(store: Store, ids: string[]): AsyncGenerator<StoredBuild> {
  for (let start = 0; start < ids.length; start += piece) {
    yield* await getBuilds(store, ids.slice(start, start + piece));
  }
}

/** The newest build of a rule on a ref that succeeded, if there is one among the repository's newest. */
export async function lastBuildOf(
  store: Store,
  repositoryId: number,
  ref: string,
  name: string,
): Promise<StoredBuild | undefined> {
  const filter: BuildFilter = { repositoryId, ref, name, state: 'succeeded' };
  const isOnRef = async (build: StoredBuild) => build.ref === ref;
  return (await listBuilds(store, filter, { limit: 1 }, isOnRef)).builds[0];
}

/** How many builds are in a state. */
export const countIn = ({ redis, keys }: Store, state: BuildState): Promise<number> =>
  redis.zcard(keys.buildsIn(state));

/** The ids of the oldest builds in a state, at most `limit`, oldest first. */
export const oldestIn = (
  { redis, keys }: Store,
  state: BuildState,
  limit: number,
): Promise<string[]> => redis.zrange(keys.buildsIn(state), '0', String(limit - 1));
