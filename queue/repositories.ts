import type { Repository } from './build.ts';
import type { Store } from './build-store.ts';
import { hideRepositoryScript, saveRepositoryScript } from './repository-script.ts';

/**
 * Remembers what an event said of a repository, under its id and under its present name, unless what
 * is known is newer: events come late, and in any order. Returns what is known then.
 */
export async function saveRepository(
  { redis, keys }: Store,
  repository: Repository,
): Promise<Repository> {
  const { id, fullName, asOf = 0 } = repository;
  const touched = [keys.repository(id), keys.repositoryNames];
  const values = [JSON.stringify(repository), asOf, fullName.toLowerCase(), id];
  return JSON.parse(String(await redis.eval(saveRepositoryScript, 2, ...touched, ...values)));
}

/**
 * Takes a repository for private that we are no longer let at: nothing tells us any more when it
 * becomes so. Events of before, however late they come, change nothing about it.
 */
export async function hideRepository({ redis, keys }: Store, id: number): Promise<void> {
  const now = Math.floor(Date.now() / 1_000);
  await redis.eval(hideRepositoryScript, 1, keys.repository(id), now);
}

/** What is known of a repository, or null if Slipway never heard of it. */
export async function getRepository(
  { redis, keys }: Store,
  id: number,
): Promise<Repository | null> {
  const text = await redis.get(keys.repository(id));
  return text === null ? null : (JSON.parse(text) as Repository);
}

/**
 * The repository that has this name now, or had it last; upper and lower case are the same, as on
 * GitHub. Null if there was never one.
 */
export async function findRepository(store: Store, fullName: string): Promise<Repository | null> {
  const id = await store.redis.hget(store.keys.repositoryNames, fullName.toLowerCase());
  return id === null ? null : getRepository(store, Number(id));
}

/** Every repository that Slipway ever heard of, in no order. */
export async function allRepositories({ redis, keys }: Store): Promise<Repository[]> {
  // An old name leads to the same id.
  const ids = [...new Set(await redis.hvals(keys.repositoryNames))];
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map((id) => keys.repository(Number(id))));
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Repository]));
}
