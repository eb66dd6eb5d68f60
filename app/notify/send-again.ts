import type { Store } from '../../queue/build-store.ts';
import { changeNotification, type Notification } from '../../queue/notifications.ts';
import { enqueueNotification, type Queues } from '../../queue/queues.ts';
import { mostTries } from './pauses.ts';

/**
 * Sends a notification again at once, whatever became of it before, with the same id. One
 * that is being sent at this moment is not sent a second time. Returns it as it then is; null if it
 * is remembered no longer.
 */
export async function sendAgain(
  { store, queues }: { store: Store; queues: Queues },
  { id, build, repositoryId, target, tag }: Notification,
): Promise<Notification | null> {
  const job = { id, build, repositoryId, target, tag };
  const set = { state: 'waiting', nextAt: new Date().toISOString() } as const;
  // Said first: what is delivered already would not be sent.
  const changed = await changeNotification(store, job, set, 0);
  if (!changed) return null;
  await queues.notifications.remove(id);
  await enqueueNotification(queues, job, mostTries);
  return changed;
}
