import type { Store } from './build-store.ts';
import { enqueueTrigger, type Queues } from './queues.ts';
import type { Trigger } from './trigger.ts';

/** Seconds for which a GUID is remembered: longer than GitHub Enterprise can send it again (7 days). */
const remembered = 8 * 24 * 3_600;

/**
 * Records a delivery and what it asks for, so that it survives any crash from here on. The same
 * GUID a second time changes nothing. Throws if Redis did not take it.
 */
export async function recordDelivery(
  { redis, keys }: Store,
  queues: Queues,
  guid: string,
  event: string,
  trigger: Trigger | { ignored: string },
): Promise<'recorded' | 'known'> {
  const key = keys.delivery(guid);
  if (await redis.exists(key)) return 'known';
  // The work first: a crash in between leaves a delivery that is planned and can be sent again.
  if (!('ignored' in trigger)) await enqueueTrigger(queues, guid, trigger);
  const outcome = 'ignored' in trigger ? trigger.ignored : 'Waiting to be planned.';
  await redis
    .multi()
    .hset(key, { event, receivedAt: new Date().toISOString() })
    .hsetnx(key, 'outcome', outcome)
    .expire(key, remembered)
    .exec();
  return 'recorded';
}

/** Writes down in one sentence what became of a delivery. */
export async function settleDelivery({ redis, keys }: Store, guid: string, outcome: string) {
  const key = keys.delivery(guid);
  await redis.multi().hset(key, { outcome }).expire(key, remembered).exec();
}
