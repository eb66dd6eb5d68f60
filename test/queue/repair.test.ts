import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { changeBuild, createBuild, getBuild, type Store, settle } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { readLiveLines } from '../../queue/live-log.ts';
import { closeQueues, enqueueBuild, openQueues, type Queues } from '../../queue/queues.ts';
import { connectForWork } from '../../queue/redis.ts';
import { type RepairDeps, repair } from '../../queue/repair.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
afterAll(() => redis.disconnect());

let store: Store;
let queues: Queues;
let deps: RepairDeps;
beforeEach(() => {
  store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
  queues = openQueues(redis, store.keys);
  deps = { store, queues, suspects: new Set(), longestWait: 60_000 };
});
afterEach(() => closeQueues(queues));

async function create() {
  const build = newBuild();
  await createBuild(store, build);
  // Its report is not what is looked at here.
  await redis.del(store.keys.dueReports);
  return build;
}

test('a queued build without a job gets one at the second look, once', async () => {
  const { id } = await create();
  expect(await repair(deps)).toEqual([]);
  expect(await queues.builds.getJob(id)).toBeUndefined();
  expect(await repair(deps)).toEqual(['queued without a job']);
  expect(await (await queues.builds.getJob(id))?.getState()).toBe('prioritized');
  expect(await repair(deps)).toEqual([]);
  expect(await repair(deps)).toEqual([]);
});

test('a running build without a job gets one; the record is left to whoever takes it', async () => {
  const { id } = await create();
  await changeBuild(store, id, { to: 'running', countUp: ['fence'] });
  await redis.del(store.keys.dueReports);
  expect([await repair(deps), await repair(deps)]).toEqual([[], ['running without a job']]);
  expect(await getBuild(store, id)).toMatchObject({ state: 'running', fence: 1 });
});

test('what has its job, or gets it between two looks, or has ended meanwhile, is left alone', async () => {
  const [there, late, ends] = [await create(), await create(), await create()];
  await enqueueBuild(queues, store, there);
  expect(await repair(deps)).toEqual([]);
  await enqueueBuild(queues, store, late);
  await changeBuild(store, ends.id, { to: 'cancelled' });
  await redis.del(store.keys.dueReports, store.keys.dueArchives);
  expect(await repair(deps)).toEqual([]);
  expect(await queues.builds.getJob(ends.id)).toBeUndefined();
});

test('an end that was not reported and not archived is put up again', async () => {
  const { id } = await create();
  await changeBuild(store, id, { to: 'cancelled' });
  expect(await repair(deps)).toEqual([]);
  expect(await repair(deps)).toEqual(['not reported', 'not archived']);
  expect(await queues.reports.getJobCountByTypes('waiting')).toBe(1);
  expect(await queues.archives.getJob(id)).toBeDefined();
  expect(await repair(deps)).toEqual([]);
});

test('a report that is asked for anew between two looks is another one', async () => {
  const { id } = await create();
  await enqueueBuild(queues, store, { id, repo: 'acme/web' });
  for (const to of ['running', 'queued', 'running'] as const) {
    await changeBuild(store, id, { to });
    expect(await repair(deps)).toEqual([]);
    await sleep(2);
  }
  expect(await repair(deps)).toEqual(['not reported']);
});

test('a step that begins while a report is written asks for no other', async () => {
  const { id } = await create();
  await changeBuild(store, id, { to: 'running' });
  const reported = await getBuild(store, id);
  await changeBuild(store, id, { set: { step: 'build' } });
  expect(await settle(store, 'dueReports', reported!)).toBe(true);
  await changeBuild(store, id, { to: 'failed' });
  expect(await settle(store, 'dueReports', reported!)).toBe(false);
});

test('a build that no worker takes for too long ends with a reason', async () => {
  const [{ id }, young] = [await create(), await create()];
  await enqueueBuild(queues, store, { id, repo: 'acme/web' });
  await enqueueBuild(queues, store, young);
  const queuedAt = new Date(Date.now() - 61_000).toISOString();
  await changeBuild(store, id, { set: { queuedAt } });
  expect(await repair(deps)).toEqual(['waited too long']);
  expect(await getBuild(store, id)).toMatchObject({
    state: 'cancelled',
    reason: 'No worker took it within 1 m (QUEUE_TIMEOUT).',
  });
  expect(await getBuild(store, young.id)).toMatchObject({ state: 'queued' });
  expect(await queues.builds.getJob(id)).toBeUndefined();
  expect(await readLiveLines(store, id, 0, 10)).toMatchObject([
    { n: 1, text: 'No worker took it within 1 m (QUEUE_TIMEOUT).' },
  ]);
  expect([await repair(deps), await repair(deps), await repair(deps)]).toEqual([[], [], []]);
});

/** A build that runs on a worker which holds it, as BullMQ says so. */
async function held() {
  const { id } = await create();
  await enqueueBuild(queues, store, { id, repo: 'acme/web' });
  await changeBuild(store, id, { to: 'running', countUp: ['fence'], set: { worker: 'one' } });
  const lock = `${store.keys.bull}:builds:${id}:lock`;
  await redis.set(lock, 'token');
  return { id, lock };
}

const sinceLong = (id: string, ms: number) =>
  redis.zadd(store.keys.unheld, 'XX', Date.now() - ms, id);

test('a running build whose worker never comes back, and no other, ends with a reason', async () => {
  const [own, lost, back] = [await held(), await held(), await held()];
  await redis.del(lost.lock, back.lock, store.keys.dueReports);
  expect(await repair(deps)).toEqual([]);
  await Promise.all([own, lost, back].map(({ id }) => sinceLong(id, 61_000)));
  await redis.set(back.lock, 'another');
  expect(await repair(deps)).toEqual(['waited too long']);
  expect(await getBuild(store, lost.id)).toMatchObject({
    state: 'cancelled',
    reason: 'Its worker one was lost, and no other took it within 1 m (QUEUE_TIMEOUT).',
  });
  // Whoever was held meanwhile begins to wait anew.
  await redis.del(back.lock);
  expect(await repair(deps)).toEqual([]);
  for (const { id } of [own, back]) expect(await getBuild(store, id)).toMatchObject(running);
});

test('a build that was cancelled after its worker was lost ends a minute later', async () => {
  deps.longestWait = 3_600_000;
  const [cancelled, waiting] = [await held(), await held()];
  await redis.del(cancelled.lock, waiting.lock);
  await changeBuild(store, cancelled.id, { set: { cancel: 'Cancelled by somebody.' } });
  await redis.del(store.keys.dueReports);
  expect(await repair(deps)).toEqual([]);
  for (const { id } of [cancelled, waiting]) await sinceLong(id, 61_000);
  expect(await repair(deps)).toEqual(['waited too long']);
  expect(await getBuild(store, cancelled.id)).toMatchObject({
    state: 'cancelled',
    reason: 'Cancelled by somebody.',
  });
  expect(await getBuild(store, waiting.id)).toMatchObject(running);
});

const running = { state: 'running', fence: 1 };
