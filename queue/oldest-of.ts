import type { BuildState, Repository } from './build.ts';
import { getBuilds, type Store, type StoredBuild } from './build-store.ts';

/** So many builds of a state are looked at at most, whosever they are. */
const scanLimit = 10_000;
const chunk = 500;

/**
 * The oldest builds in a state of some repositories, by their ids, at most `limit`, oldest first.
 * However many others wait before them, they are found among the oldest ten thousand.
 */
export async function oldestOf(
  store: Store,
  state: BuildState,
  repositoryIds: ReadonlySet<number>,
  limit: number,
): Promise<StoredBuild[]> {
  const { redis, keys } = store;
  const mine: string[] = [];
  for (let start = 0; start < scanLimit && mine.length < limit; start += chunk) {
    const last = String(start + chunk - 1);
    const ids = await redis.zrange(keys.buildsIn(state), String(start), last);
    mine.push(...(await ofRepositories(store, ids, repositoryIds)));
    if (ids.length < chunk) break;
  }
  // One may have moved on between the questions.
  const builds = await getBuilds(store, mine.slice(0, limit));
  return builds.filter((build) => build.state === state);
}

/** Of a record only its repository is read: most are other people's. */
async function ofRepositories(
  { redis, keys }: Store,
  ids: string[],
  repositoryIds: ReadonlySet<number>,
): Promise<string[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hget(keys.build(id), 'repository');
  const answers = (await pipeline.exec()) ?? [];
  return ids.filter((_, at) => {
    const [error, text] = answers[at] as [Error | null, string | null];
    if (error) throw error;
    return text !== null && repositoryIds.has((JSON.parse(text) as Repository).id);
  });
}
