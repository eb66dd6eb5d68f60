import { DelayedError, type Job } from 'bullmq';
import type { Store } from '../../queue/build-store.ts';
import type { NotificationJob } from '../../queue/notifications.ts';
import { leavePlace, takePlace } from '../../queue/sending-places.ts';

/** After so long it is looked again whether a repository has a place, in milliseconds. */
const pause = 1_000;

/**
 * The work of the queue of notifications, for a few of each repository at once: receivers that never
 * answer hold up only those who named them.
 */
export const fewAtOnce =
  (store: Store, work: (job: Job<NotificationJob>) => Promise<void>) =>
  async (job: Job<NotificationJob>, token?: string): Promise<void> => {
    if (!(await takePlace(store, job.data))) {
      await job.moveToDelayed(Date.now() + pause, token);
      throw new DelayedError();
    }
    try {
      await work(job);
    } finally {
      await leavePlace(store, job.data);
    }
  };
