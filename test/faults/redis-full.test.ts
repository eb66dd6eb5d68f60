import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';
import { type SmallDisk, smallDisk, whyNoMounts } from '../services/small-disk.ts';
import { atStep, pushNew } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { expectNothingLeft, settled } from './aftermath.ts';

jest.setTimeout(180_000);

const why = await whyNoMounts();
if (why) console.warn(`Redis on a full disk is not tested. ${why}`);

let disk: SmallDisk;
let server: EmbeddedRedis;
let redis: Redis;
let slipway: Slipway;
let count = 0;

/**
 * Lets builds run and wait while Redis refuses to write, and expects that they end well, and a push
 * that was refused meanwhile too, once GitHub sends it again.
 */
async function getOver(name: string, words: RegExp, fill: () => unknown, empty: () => unknown) {
  const { github } = slipway;
  const running = await pushNew(slipway, `${name}-running`, 'sleep 6; echo done');
  await atStep(slipway, running.sha, 'build');
  await pushNew(slipway, `${name}-queued`, 'true');
  await fill();
  const refusal = () => redis.set('probe', 'x'.repeat(100_000)).then(String, String);
  await until('Redis refuses', async () => words.test(await refusal()), 20_000);
  await pushNew(slipway, `${name}-late`, 'true');
  const { id, statusCode } = github.deliveries.at(-1)!;
  expect(statusCode).toBe(503);
  // Longer than the build takes, and than the lock on its job lasts.
  await sleep(10_000);
  await empty();
  await until('it is taken', async () => (await github.redeliver(id)).statusCode === 202);
  await redis.del('probe');
  count += 3;
  const builds = (await settled(slipway, count)).slice(-3);
  expect(builds.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  const processes = [slipway.processes.web, ...slipway.processes.workers];
  for (const { child } of processes)
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  await expectNothingLeft(slipway);
}

(why ? describe.skip : describe)('a Redis on a small disk', () => {
  beforeAll(async () => {
    disk = await smallDisk(64 * 2 ** 20);
    server = await startRedis({ folder: join(disk.folder, 'redis') });
    redis = new Redis(server.url);
    const env = { REDIS_URL: server.url, CONCURRENCY: '1' };
    slipway = { ...(await startSlipway({ env })), redisUrl: server.url };
  });
  afterAll(async () => {
    redis.disconnect();
    await slipway.stop();
    await server.stop();
    await disk.remove();
  });

  test('that runs full refuses to write for a while, and nothing is lost', () =>
    getOver(
      'disk',
      /^ReplyError: MISCONF/,
      // Redis writes meanwhile; what is left it takes itself.
      () => disk.leaveFree(512_000),
      () => disk.leaveFree(0),
    ));

  test('whose memory runs full refuses to write for a while, and nothing is lost', () =>
    getOver(
      'memory',
      /^ReplyError: OOM/,
      () => redis.config('SET', 'maxmemory', '1'),
      () => redis.config('SET', 'maxmemory', '0'),
    ));
});
