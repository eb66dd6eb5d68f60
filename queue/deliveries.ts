import type { Store } from './build-store.ts';
import { enqueueTrigger, type Queues } from './queues.ts';
import type { Trigger } from './trigger.ts';

/** Seconds for which a GUID is remembered: longer than GitHub Enterprise can send it again (7 days). */
const remembered = 8 * 24 * 3_600;

/** So many are forgotten in one step, to keep each step short. */
const batch = 500;

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
  const [isKnown, wasMissed] = await Promise.all(
    [key, keys.missed(guid)].map(async (one) => (await redis.exists(one)) === 1),
  );
  if (isKnown) return 'known';
  // The work first: a crash in between leaves a delivery that is planned and can be sent again.
  if (!('ignored' in trigger)) {
    await enqueueTrigger(queues, guid, { ...trigger, ...(wasMissed && { wasMissed }) });
  }
  const outcome = 'ignored' in trigger ? trigger.ignored : 'Waiting to be planned.';
  const now = new Date();
  await redis
    .multi()
    .zadd(keys.deliveries, now.getTime(), guid)
    .hset(key, { event, receivedAt: now.toISOString() })
    .hsetnx(key, 'outcome', outcome)
    .expire(key, remembered)
    .exec();
  return 'recorded';
}

/** Which of these GUIDs are recorded. */
export async function areRecorded({ redis, keys }: Store, guids: string[]): Promise<Set<string>> {
  const pipeline = redis.pipeline();
  for (const guid of guids) pipeline.exists(keys.delivery(guid));
  const answers = (await pipeline.exec()) ?? [];
  return new Set(
    guids.filter((_, index) => {
      const [error, found] = answers[index] ?? [];
      if (error) throw error;
      return found === 1;
    }),
  );
}

/** Writes down in one sentence what became of a delivery. */
export async function settleDelivery({ redis, keys }: Store, guid: string, outcome: string) {
  const key = keys.delivery(guid);
  await redis.multi().hset(key, { outcome }).expire(key, remembered).exec();
}

/**
 * Forgets all but the newest so many deliveries, and those that are remembered no longer in any
 * case. Returns how many were forgotten for their number.
 */
export async function forgetDeliveries({ redis, keys }: Store, keep: number): Promise<number> {
  await redis.zremrangebyscore(keys.deliveries, '-inf', Date.now() - remembered * 1_000);
  for (let forgotten = 0; ; ) {
    const over = (await redis.zcard(keys.deliveries)) - keep;
    if (over <= 0) return forgotten;
    const guids = await redis.zrange(keys.deliveries, '0', String(Math.min(over, batch) - 1));
    await redis
      .multi()
      .del(guids.map(keys.delivery))
      .zrem(keys.deliveries, ...guids)
      .exec();
    forgotten += guids.length;
  }
}
