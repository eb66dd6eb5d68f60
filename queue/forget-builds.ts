import { type Archive, removeArchived } from './archive.ts';
import { hasEnded } from './build.ts';
import { listBuilds } from './build-list.ts';
import { forgetScript } from './build-scripts.ts';
import { getBuilds, type Store, type StoredBuild } from './build-store.ts';
import { getRepository } from './repositories.ts';

/** Which builds stay on record: of each repository so many, and none that is older, in milliseconds. */
export type KeptBuilds = { count: number; age: number };

/** So many records are read in one step, to keep each step short. */
const batch = 100;

/**
 * Forgets the builds that need not be kept, with their logs: record, lists and archive file. Those
 * stay that have not ended, whose check or archive is due, and the newest of a rule that succeeded
 * on the default branch. It may run twice at once, and ends early when the
 * signal fires. Returns how many were forgotten.
 */
export async function forgetBuilds(
  store: Store,
  archive: Archive,
  { count, age }: KeptBuilds,
  signal: AbortSignal,
): Promise<number> {
  const { redis, keys } = store;
  const oldest = Date.now() - age;
  const isPast = ({ createdAt }: StoredBuild) => Date.parse(createdAt) < oldest;
  const isNeeded = newestSuccesses(store);
  const forget = async (build: StoredBuild): Promise<boolean> =>
    hasEnded(build.state) && !(await isNeeded(build)) && (await forgetBuild(store, archive, build));
  let forgotten = await walk(store, keys.builds, forget, isPast, signal);
  for (const id of await repositoryIds(store)) {
    const over = (await redis.zcard(keys.buildsOf(id))) - count;
    if (over <= 0) continue;
    forgotten += await walk(
      store,
      keys.buildsOf(id),
      forget,
      (_build, place) => place < over,
      signal,
    );
  }
  return forgotten;
}

/**
 * Goes through a list of builds from the oldest on, as long as they are old, and answers how many of
 * them were forgotten.
 */
async function walk(
  store: Store,
  index: string,
  forget: (build: StoredBuild) => Promise<boolean>,
  isOld: (build: StoredBuild, place: number) => boolean,
  signal: AbortSignal,
): Promise<number> {
  let [place, forgotten] = [0, 0];
  for (;;) {
    const start = place - forgotten;
    const ids = await store.redis.zrange(index, String(start), String(start + batch - 1));
    if (ids.length === 0) return forgotten;
    const builds = await getBuilds(store, ids);
    place += ids.length - builds.length;
    for (const build of builds) {
      if (signal.aborted || !isOld(build, place)) return forgotten;
      place += 1;
      if (await forget(build)) forgotten += 1;
    }
  }
}

/** Deletes one ended build in one atomic step, and then its log; false if it has to stay. */
async function forgetBuild(
  { redis, keys }: Store,
  archive: Archive,
  { id, state, repository }: StoredBuild,
): Promise<boolean> {
  const names = [keys.build(id), keys.log(id), keys.builds, keys.buildsOf(repository.id)];
  const due = [keys.dueReports, keys.dueArchives, keys.dueNotifications];
  const all = [...names, keys.buildsIn(state), ...due];
  const answer = await redis.eval(forgetScript, all.length, ...all, id, JSON.stringify(state));
  if (answer !== 1) return false;
  await removeArchived(archive, id);
  return true;
}

/** Tells of a build whether it is the newest of its rule that succeeded on the default branch. */
function newestSuccesses(store: Store): (build: StoredBuild) => Promise<boolean> {
  const found = new Map<string, Promise<string | null>>();
  return async ({ id, state, ref, name, repository }) => {
    if (state !== 'succeeded') return false;
    const now = (await getRepository(store, repository.id)) ?? repository;
    if (ref !== `refs/heads/${now.defaultBranch}`) return false;
    const rule = `${repository.id} ${ref} ${name}`;
    if (!found.has(rule)) found.set(rule, newestSuccess(store, repository.id, ref, name));
    return (await found.get(rule)) === id;
  };
}

async function newestSuccess(store: Store, repositoryId: number, ref: string, name: string) {
  const filter = { repositoryId, ref, state: 'succeeded' } as const;
  const isOfRule = async (build: StoredBuild) => build.name === name && build.ref === ref;
  for (let before: number | undefined; ; ) {
    const page = { limit: 1, ...(before !== undefined && { before }) };
    const { builds, next } = await listBuilds(store, filter, page, isOfRule);
    if (builds[0]) return builds[0].id;
    if (next === null) return null;
    before = next;
  }
}

async function repositoryIds({ redis, keys }: Store): Promise<Set<number>> {
  return new Set((await redis.hvals(keys.repositoryNames)).map(Number));
}
