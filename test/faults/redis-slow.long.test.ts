import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { freePort } from '../../bin/embedded/free-port.ts';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';
import { atStep, pushNew } from '../system/builds.ts';
import { type SlowForwarder, slowForwarder } from '../system/slow-forwarder.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { expectNothingLeft, settled } from './aftermath.ts';

jest.setTimeout(240_000);

let folder: string;
let redis: EmbeddedRedis;
let slow: SlowForwarder;
let slipway: Slipway;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-slow-'));
  redis = await startRedis({ folder });
  const port = await freePort();
  slow = await slowForwarder(port, redis.port);
  const env = { REDIS_URL: `redis://127.0.0.1:${port}`, CONCURRENCY: '2' };
  slipway = { ...(await startSlipway({ env })), redisUrl: redis.url };
});
afterAll(async () => {
  await slipway.stop();
  await slow.stop();
  await redis.stop();
  await rm(folder, { recursive: true });
});

test('2 s for each command of Redis, for 45 s: nothing is lost, and no attempt counted', async () => {
  const lines = 'for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 2; done';
  const running = await pushNew(slipway, 'slow-running', lines);
  await atStep(slipway, running.sha, 'build');
  slow.delay = 1_000;
  const begun = Date.now();
  const during = await pushNew(slipway, 'slow-during', lines);
  await pushNew(slipway, 'slow-third', 'true');
  // Taken, or refused before GitHub gives up and found in its list afterwards.
  for (const { statusCode } of slipway.github.deliveries) expect([202, 503]).toContain(statusCode);
  await sleep(45_000 - (Date.now() - begun));
  slow.delay = 0;
  const builds = await settled(slipway, 3, 90_000);
  expect(builds.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(
    builds.map(() => 'succeeded 1'),
  );
  for (const { id } of builds.filter(({ sha }) => [running.sha, during.sha].includes(sha))) {
    const log = await (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
    for (let i = 1; i <= 8; i += 1) expect(log).toContain(`line ${i}\n`);
  }
  await expectNothingLeft(slipway);
});

test('Redis is fast again, and so is Slipway', async () => {
  const begun = Date.now();
  await pushNew(slipway, 'fast-again', 'true');
  await until('it is built', async () => (await settled(slipway, 4)).length === 4);
  expect(Date.now() - begun).toBeLessThan(20_000);
});
