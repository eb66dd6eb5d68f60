import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { Queue, Worker } from 'bullmq';
import { fewAtOnce } from '../../../app/notify/few-at-once.ts';
import { keysUnder } from '../../../queue/keys.ts';
import type { NotificationJob } from '../../../queue/notifications.ts';
import { connectForWork } from '../../../queue/redis.ts';
import { leavePlace, takePlace } from '../../../queue/sending-places.ts';
import { until } from '../../system/until.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
afterAll(() => redis.disconnect());

test('a repository has four places, which come free at the end or when their time is over', async () => {
  const take = (id: string, repositoryId = 1) => takePlace(store, { repositoryId, id });
  for (const id of ['a', 'b', 'c', 'd', 'a']) expect(await take(id)).toBe(true);
  expect([await take('e'), await take('e', 2)]).toEqual([false, true]);
  await leavePlace(store, { repositoryId: 1, id: 'b' });
  expect([await take('e'), await take('b')]).toEqual([true, false]);
  await redis.zadd(store.keys.sending(1), Date.now() - 1, 'c');
  expect(await take('b')).toBe(true);
  expect(await redis.pttl(store.keys.sending(1))).toBeGreaterThan(50_000);
});

test('receivers that hang hold up their own repository only, and cost no try', async () => {
  const prefix = store.keys.bull;
  const queue = new Queue<NotificationJob>('notifications', { connection: redis, prefix });
  const done: string[] = [];
  const tries: number[] = [];
  const counts = { now: 0, most: 0 };
  let release = () => {};
  const hang = new Promise<void>((resolve) => {
    release = resolve;
  });
  const work = fewAtOnce(store, async ({ data, attemptsMade }) => {
    tries.push(attemptsMade);
    if (data.repositoryId === 8) {
      counts.now += 1;
      counts.most = Math.max(counts.most, counts.now);
      await hang;
      counts.now -= 1;
    }
    done.push(data.id);
  });
  const worker = new Worker('notifications', work, { connection: redis, prefix, concurrency: 20 });
  const add = (id: string, repositoryId: number) =>
    queue.add('notification', { id, repositoryId, build: 'b', target: 't', tag: null });
  for (let sent = 0; sent < 25; sent += 1) await add(`hangs-${sent}`, 8);
  await add('other', 9);
  await until('the other is sent', async () => done.includes('other'));
  expect(done).toEqual(['other']);
  release();
  await until('all are sent', async () => done.length === 26);
  expect(counts.most).toBe(4);
  expect(new Set(tries)).toEqual(new Set([0]));
  await worker.close();
  await queue.close();
});
