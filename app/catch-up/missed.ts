import type { Store } from '../../queue/build-store.ts';
import { noteMissedScript } from '../../queue/recovery-scripts.ts';
import type { Attempt } from './delivery-log.ts';

/** A delivery that GitHub has and Slipway lacks. */
export type Missed = {
  guid: string;
  /** GitHub's id of its newest attempt. */
  attempt: number;
  event: string;
  /** How that attempt was answered; 0: not at all. */
  code: number;
  /** How often GitHub was asked to send it again. */
  resent: number;
  /** When something is to be done, in milliseconds since the epoch. */
  due: number;
};

/** Seconds for which a delivery is remembered as missed: longer than GitHub can list it. */
const remembered = 8 * 24 * 3_600;

/**
 * Notes that a delivery is missed. An attempt that is known already changes nothing; a newer one that
 * failed as well is dealt with at once if it is `urgent`.
 */
export async function noteMissed(
  { redis, keys }: Store,
  { guid, id, event, code }: Attempt,
  isUrgent: boolean,
): Promise<void> {
  const touched = [keys.missed(guid), keys.allMissed];
  const urgent = isUrgent ? 'urgent' : '';
  const values = [guid, id, event, code, Date.now(), remembered, urgent];
  await redis.eval(noteMissedScript, 2, ...touched, ...values);
}

/**
 * Every delivery that is missed and not given up, in the order in which something is to be done about
 * them: that of GitHub, but whatever was put off comes behind what was not looked at yet.
 */
export async function allMissed({ redis, keys }: Store): Promise<Missed[]> {
  await redis.zremrangebyscore(keys.allMissed, '-inf', Date.now() - remembered * 1_000);
  const scored = await redis.zrange(keys.allMissed, 0, '-1', 'WITHSCORES');
  const dues = new Map(pairs(scored).map(([guid, due]) => [guid, Number(due)]));
  const pipeline = redis.pipeline();
  for (const guid of dues.keys()) pipeline.hgetall(keys.missed(guid));
  const answers = (await pipeline.exec()) ?? [];
  const missed = [...dues].map(([guid, due], index): Missed => {
    const [error, fields] = answers[index] ?? [];
    if (error) throw error;
    const { attempt, event = '', code, resent } = fields as Record<string, string>;
    const numbers = { attempt: Number(attempt), code: Number(code), resent: Number(resent) };
    return { guid, event, due, ...numbers };
  });
  return missed.sort((a, b) => a.due - b.due || a.attempt - b.attempt);
}

/** Says that GitHub was asked to send it again, and when to look at it next. */
export async function noteResent({ redis, keys }: Store, { guid }: Missed, due: number) {
  await redis
    .multi()
    .hincrby(keys.missed(guid), 'resent', 1)
    .zadd(keys.allMissed, 'XX', due, guid)
    .exec();
}

/** Says when to look at it next. */
export async function putOff({ redis, keys }: Store, { guid }: Missed, due: number): Promise<void> {
  await redis.zadd(keys.allMissed, 'XX', due, guid);
}

/** Forgets a delivery that is missed no longer, and counts how it came. */
export async function settleMissed(
  { redis, keys }: Store,
  { guid }: Missed,
  by: 'payload' | 'redelivery' | 'late',
): Promise<void> {
  await redis
    .multi()
    .zrem(keys.allMissed, guid)
    .del(keys.missed(guid))
    .hincrby(keys.recovery, `deliveries:${by}`, 1)
    .exec();
}

/** Does no more about a delivery and remembers why. If GitHub delivers it later, it is taken. */
export async function giveUp({ redis, keys }: Store, { guid }: Missed, why: string): Promise<void> {
  await redis
    .multi()
    .zrem(keys.allMissed, guid)
    .hset(keys.missed(guid), 'givenUp', why)
    .hincrby(keys.recovery, 'deliveries:given up', 1)
    .exec();
}

const pairs = (list: string[]): [string, string][] =>
  list.flatMap((key, i) => (i % 2 === 0 ? [[key, list[i + 1] ?? ''] as [string, string]] : []));
