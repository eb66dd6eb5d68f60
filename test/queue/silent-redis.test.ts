import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { freePort } from '../../bin/embedded/free-port.ts';
import { connectForCommands, connectForWork, type RedisConnection } from '../../queue/redis.ts';
import { type Forwarder, forwarder } from '../system/forwarder.ts';
import { until } from '../system/until.ts';

const direct = process.env.SLIPWAY_TEST_REDIS_URL ?? '';
const prefix = `test-${randomUUID()}`;
const errors: string[] = [];
const note = (error: Error) => void errors.push(error.message);
let way: Forwarder;
let commands: RedisConnection;
let work: RedisConnection;
let queue: Queue;
let worker: Worker;
let events: QueueEvents;

beforeEach(async () => {
  const port = await freePort();
  way = forwarder(port, { host: '127.0.0.1', port: Number(new URL(direct).port) });
  await way.open();
  const url = `redis://127.0.0.1:${port}`;
  commands = connectForCommands(url, note);
  work = connectForWork(url, note);
  queue = new Queue('silent', { connection: work, prefix });
  worker = new Worker('silent', async () => 'done', { connection: work, prefix });
  events = new QueueEvents('silent', { connection: work, prefix });
  queue.on('error', note);
  worker.on('error', note);
  events.on('error', note);
  await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);
});
afterEach(async () => {
  await Promise.all([queue.close(), worker.close(true), events.close()]);
  for (const redis of [commands, work]) redis.disconnect();
  await way.close();
});

test('reads that wait for 10 s go on, and connections that fall silent are made anew', async () => {
  await sleep(16_000);
  expect(errors).toEqual([]);

  way.silence();
  const told: string[] = [];
  const answered = work.set(`${prefix}:one`, 'here').then(() => told.push('work'));
  await until('commands are answered', () =>
    commands.ping().then(
      () => told.push('commands'),
      () => false,
    ),
  );
  // Whoever waits is not kept as long as work that can wait.
  expect(told).toEqual(['commands']);
  await answered;
  const job = await queue.add('job', {});
  expect(await job.waitUntilFinished(events, 30_000)).toBe('done');
});
