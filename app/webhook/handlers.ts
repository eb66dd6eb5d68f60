import type { Probot } from 'probot';
import type { Store } from '../../queue/build-store.ts';
import { recordDelivery } from '../../queue/deliveries.ts';
import type { Queues } from '../../queue/queues.ts';
import { readTrigger } from './read-trigger.ts';

/**
 * What Probot does with every delivery whose signature is right: write it into Redis. A promise
 * that rejects means that it is not there and must not be acknowledged.
 */
export function recordEvents(store: Store, queues: Queues) {
  return (app: Probot): void => {
    app.onAny(async ({ id, name, payload }) => {
      await recordDelivery(store, queues, id, name, readTrigger(name, payload));
    });
  };
}
