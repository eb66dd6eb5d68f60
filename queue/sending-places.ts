import type { Store } from './build-store.ts';
import { takePlaceScript } from './notification-scripts.ts';
import type { NotificationJob } from './notifications.ts';

/** So many notifications of one repository are sent at once, over all web processes. */
const places = 4;

/** How long a place outlives a process that died in it, in milliseconds; no try takes as long. */
const lease = 60_000;

/** What takes a place. */
type Sending = Pick<NotificationJob, 'repositoryId' | 'id'>;

/** Takes one of a repository's places for a notification; false if others have them all. */
export async function takePlace(
  { redis, keys }: Store,
  { repositoryId, id }: Sending,
): Promise<boolean> {
  const values = [id, Date.now(), lease, places];
  return (await redis.eval(takePlaceScript, 1, keys.sending(repositoryId), ...values)) === 1;
}

/** Leaves the place of a notification, if it has one. */
export async function leavePlace({ redis, keys }: Store, { repositoryId, id }: Sending) {
  await redis.zrem(keys.sending(repositoryId), id);
}
