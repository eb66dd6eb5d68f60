import type { BuildState } from './build.ts';
import { getBuilds, type Store, type StoredBuild } from './build-store.ts';

/** Which builds are wanted; every part given must hold. */
export type BuildFilter = {
  repositoryId?: number;
  state?: BuildState;
  /** A full ref or the name of a branch or tag. */
  ref?: string;
  /** A commit id or its beginning. */
  sha?: string;
  /** A rule's name. */
  name?: string;
  /** Stands in the commit's message, author or id, or in the ref; upper and lower case are the same. */
  text?: string;
};

/** One page of builds, newest first, and the `seq` after which the next page begins, if any. */
export type BuildPage = { builds: StoredBuild[]; next: number | null };

/** So many records are looked at for one page at most; a page may be short and yet not the last. */
const scanLimit = 2_000;
const chunk = 100;

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
    const ids = await redis.zrevrangebyscore(index, below, '-inf', 'LIMIT', 0, chunk);
    if (ids.length === 0) return { builds, next: null };
    for (const build of await getBuilds(store, ids)) {
      if (builds.length === page.limit) return { builds, next: last ?? null };
      last = build.seq;
      if (matches(build, filter) && (await visible(build))) builds.push(build);
    }
  }
  return { builds, next: last ?? null };
}

/** The newest build of a rule on a ref that succeeded, if there is one among the repository's newest. */
export async function lastBuildOf(
  store: Store,
  repositoryId: number,
  ref: string,
  name: string,
): Promise<StoredBuild | undefined> {
  const filter: BuildFilter = { repositoryId, ref, state: 'succeeded' };
  const isOfRule = async (build: StoredBuild) => build.name === name && build.ref === ref;
  return (await listBuilds(store, filter, { limit: 1 }, isOfRule)).builds[0];
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

/** Whether a build is one of those wanted. */
export function matches(build: StoredBuild, { state, ref, sha, name, text }: BuildFilter): boolean {
  if (state && build.state !== state) return false;
  if (name !== undefined && build.name !== name) return false;
  if (text && !holds(build, text.toLowerCase())) return false;
  if (sha && !build.sha.startsWith(sha)) return false;
  return !ref || build.ref === ref || build.ref.replace(/^refs\/(heads|tags)\//, '') === ref;
}

const holds = ({ message, author, ref, sha }: StoredBuild, text: string): boolean =>
  [message, author, ref, sha].some((one) => one.toLowerCase().includes(text));
