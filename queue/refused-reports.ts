import { changeBuild, type Store } from './build-store.ts';
import { enqueueReport, type Queues } from './queues.ts';

/** Seconds for which a refused report is remembered; GitHub closes older checks by itself. */
const remembered = 14 * 24 * 3_600;

/** Remembers that the forge did not take the report of a build, until its repository can be written to. */
export async function noteRefused(
  { redis, keys }: Store,
  { id, repository }: { id: string; repository: { id: number } },
): Promise<void> {
  const key = keys.refusedReports(repository.id);
  await redis.multi().sadd(key, id).expire(key, remembered).exec();
}

/** Has every report of a repository's builds that the forge did not take made once more. */
export async function reportRefusedAgain(
  store: Store,
  queues: Queues,
  repositoryId: number,
): Promise<void> {
  const { redis, keys } = store;
  const key = keys.refusedReports(repositoryId);
  for (const id of await redis.smembers(key)) {
    const change = { set: { reported: 'refused' }, notice: 'nobody' as const };
    if ((await changeBuild(store, id, change)) === 'ok') {
      // A crash from here on leaves it to what mends.
      await redis.zadd(keys.dueReports, 'NX', Date.now(), id);
      await enqueueReport(queues, id);
    }
    await redis.srem(key, id);
  }
}
