import { changeBuild, type Store } from './build-store.ts';
import { enqueueArchive, enqueueReport, type Queues } from './queues.ts';

/**
 * Ends a build that no worker has taken, with `reason` as its sentence and its log's last line, and has
 * its check and its archive follow. Returns false if it was not queued any more.
 */
export async function endQueued(
  { store, queues }: { store: Store; queues: Queues },
  id: string,
  reason: string,
): Promise<boolean> {
  const now = new Date();
  const outcome = await changeBuild(store, id, {
    to: 'cancelled',
    within: ['queued'],
    set: { reason, finishedAt: now.toISOString() },
    say: { at: now.getTime(), step: 'checkout', stream: 'status', text: reason },
  });
  if (outcome !== 'ok') return false;
  await enqueueReport(queues, id);
  await enqueueArchive(queues, id);
  await queues.builds.remove(id);
  return true;
}
