import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { keysUnder } from '../../queue/keys.ts';
import {
  addNotification,
  changeNotification,
  getNotification,
  listNotifications,
  type Notification,
} from '../../queue/notifications.ts';
import { connectForWork } from '../../queue/redis.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
afterAll(() => redis.disconnect());

const made = (id: string, repositoryId: number): Notification => ({
  ...{ id, repositoryId, build: 'b1', target: 'abc', tag: null, event: 'build.failed' },
  ...{ host: 'ci.example.com', format: 'slipway', from: 'rules file', state: 'waiting' },
  ...{ attempts: 0, createdAt: '2026-11-25T12:00:00.000Z', triedAt: null, duration: null },
  ...{ status: null, answer: null, problem: null, nextAt: null },
});

test('the last 50 of each repository are remembered, newest first', async () => {
  await addNotification(store, made('other', 8));
  for (let n = 1; n <= 53; n += 1) await addNotification(store, made(`n${n}`, 7));
  const all = await listNotifications(store, 7);
  expect(all).toHaveLength(50);
  expect(all.every(({ repositoryId }) => repositoryId === 7)).toBe(true);
  expect(await getNotification(store, 7, 'n3')).toBeNull();
  expect(await redis.hlen(store.keys.notifications(7))).toBe(50);
  expect(await listNotifications(store, 8)).toEqual([made('other', 8)]);
  expect(await listNotifications(store, 9)).toEqual([]);
});

test('a try is written down once, nulls stay nulls, and the same id again changes nothing', async () => {
  const one = made('one', 10);
  await addNotification(store, one);
  const set = { state: 'delivered', status: 204, answer: 'ü"\n', problem: null } as const;
  const changed = await changeNotification(store, one, set, 1);
  expect(changed).toEqual({ ...one, ...set, attempts: 1 });
  expect(await addNotification(store, one)).toEqual(changed);
  expect(await listNotifications(store, 10)).toEqual([changed]);
});

test('what is remembered no longer is not brought back by a late try', async () => {
  const gone = made('gone', 11);
  expect(await changeNotification(store, gone, { state: 'delivered' }, 1)).toBeNull();
  expect(await listNotifications(store, 11)).toEqual([]);
});
