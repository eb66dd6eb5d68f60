import { oldestIn } from './build-list.ts';
import type { Store } from './build-store.ts';
import { enqueueArchive, enqueueBuild, enqueueReport, type Queues } from './queues.ts';

/**
 * Puts up again what a process wrote into the record but did not live to put into a queue: queued
 * builds, checks that must follow, logs that must be archived. What is in its queue already is
 * left alone, so it can run anywhere and as often as one likes.
 */
export async function relay(store: Store, queues: Queues): Promise<void> {
  const { redis, keys } = store;
  const longAgo = Date.now() - 2_000;
  for (const id of await redis.zrangebyscore(keys.dueReports, '-inf', longAgo)) {
    await enqueueReport(queues, id);
  }
  for (const id of await redis.zrangebyscore(keys.dueArchives, '-inf', longAgo)) {
    await enqueueArchive(queues, id);
  }
  for (const state of ['queued', 'running'] as const) {
    for (const id of await oldestIn(store, state, 200)) await enqueueBuild(queues, id);
  }
}
