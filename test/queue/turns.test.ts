import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { Worker } from 'bullmq';
import { changeBuild, createBuild, type Store } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { closeQueues, enqueueBuild, openQueues, type Queues } from '../../queue/queues.ts';
import { connectForWork } from '../../queue/redis.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
afterAll(() => redis.disconnect());

let store: Store;
let queues: Queues;
beforeEach(() => {
  store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
  queues = openQueues(redis, store.keys);
});

/** Puts builds up, all at once, as planners do. */
const put = (owner: string, count: number, from = 1) =>
  Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const id = `${owner}-${i + from}`;
      await createBuild(store, { ...newBuild(), id, repo: `${owner}/web` });
      await enqueueBuild(queues, store, { id, repo: `${owner}/web` });
    }),
  );

/** The builds in the order in which one worker gets them, at most `count` of them. */
async function run(count: number): Promise<string[]> {
  const ran: string[] = [];
  const worker = new Worker('builds', null, { connection: redis, prefix: store.keys.bull });
  try {
    for (let jobs = 0; jobs < count; jobs += 1) {
      const job = await worker.getNextJob('token', { block: false });
      if (!job) break;
      ran.push(job.id ?? '');
      await changeBuild(store, job.id ?? '', { to: 'running' });
      await job.moveToCompleted(null, 'token', false);
    }
    return ran;
  } finally {
    await worker.close();
  }
}

test('500 builds of one owner delay the first of another by one at most', async () => {
  await put('many', 500);
  await put('few', 3);
  const ran = await run(503);
  expect(ran).toHaveLength(503);
  const few = ran.flatMap((id, index) => (id.startsWith('few') ? [index] : []));
  expect(few[0]).toBeLessThanOrEqual(1);
  expect(few[2]).toBeLessThanOrEqual(5);
  await closeQueues(queues);
});

test('in the middle of them too, whoever was there before', async () => {
  await put('few', 1);
  await put('many', 100);
  expect(await run(51)).toHaveLength(51);
  await put('few', 2, 2);
  const next = await run(3);
  expect(next).toContain('few-2');
  expect(next.slice(0, 2)).toContain('few-2');
  await closeQueues(queues);
});

test('three owners take turns, each first come, first served', async () => {
  for (const owner of ['a', 'b', 'c']) for (let i = 1; i <= 3; i += 1) await put(owner, 1, i);
  expect(await run(9)).toEqual(['a-1', 'b-1', 'c-1', 'a-2', 'b-2', 'c-2', 'a-3', 'b-3', 'c-3']);
  await closeQueues(queues);
});

test('a build that waits already gets no second turn, and turns begin anew when all is done', async () => {
  await put('a', 1);
  for (let i = 0; i < 5; i += 1) await put('a', 1);
  await put('a', 1, 2);
  expect(await redis.hget(store.keys.turns, 'a')).toBe('2');
  expect(await run(9)).toEqual(['a-1', 'a-2']);
  await put('a', 1, 3);
  expect(await redis.hget(store.keys.turns, 'a')).toBe('1');
  await closeQueues(queues);
});

test('a build that comes back with an early turn does not let others pass', async () => {
  await put('a', 40);
  expect(await run(30)).toHaveLength(30);
  await put('b', 1);
  // As BullMQ puts a job back whose worker was lost or has handed it back.
  await redis.zadd(`${store.keys.bull}:builds:prioritized`, 2 * 2 ** 32, 'early');
  await put('c', 5);
  const turn = Number(await redis.hget(store.keys.turns, 'c'));
  expect(turn).toBeGreaterThanOrEqual(31);
  await closeQueues(queues);
});
