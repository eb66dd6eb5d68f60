import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { freePort } from '../../bin/embedded/free-port.ts';
import { atStep, completed, dockerfile, ended, pushNew } from './builds.ts';
import { forwarder } from './forwarder.ts';
import { end, run, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** What each process needs beside Redis. */
const env = (redisUrl: string, port: number) => ({
  ...{ PATH: process.env.PATH ?? '', REDIS_URL: redisUrl, PORT: String(port) },
  ...{ REGISTRY: 'localhost:1', LOCAL_REMOTE: 'true', DATA_DIR: slipway.dataDir },
});

test('a build goes on while Redis is full, a delivery is answered 503, and both come good', async () => {
  const { sha } = await pushNew(
    slipway,
    'full',
    'for i in 1 2 3 4 5 6; do echo line $i; sleep 1; done',
  );
  const { id } = await atStep(slipway, sha, 'build');
  await redis.config('SET', 'maxmemory', '1');
  const repo = await slipway.github.createRepository('acme', 'late');
  const late = await repo.commit({ files: dockerfile('echo late'), message: 'late' });
  const begun = Date.now();
  const delivery = await repo.push({ ref: 'refs/heads/main', after: late });
  expect(delivery).toMatchObject({ statusCode: 503 });
  expect(Date.now() - begun).toBeLessThan(3_000);
  const readiness = await fetch(`${slipway.url}/readyz`);
  expect([readiness.status, await readiness.text()]).toEqual([
    503,
    expect.stringMatching(/^Not ready: Redis takes no writes \(OOM .*\)\.\n$/),
  ]);
  // Longer than the build takes, and than the lock on its job lasts.
  await sleep(15_000);
  const [web, worker] = [slipway.processes.web, ...slipway.processes.workers];
  expect(web.output().match(/Redis takes no writes \(OOM/g)).toHaveLength(1);
  expect(worker?.output().match(/Redis: it takes no writes \(OOM/g)).toHaveLength(1);
  // Nothing of the push that could not be recorded.
  expect(web.output()).not.toContain(late);
  expect(await slipway.build(sha)).toMatchObject({ state: 'running', attempt: 1 });
  await redis.config('SET', 'maxmemory', '0');

  expect(await ended(slipway, sha)).toMatchObject({ id, state: 'succeeded' });
  expect((await completed(slipway, id)).conclusion).toBe('success');
  const log = await (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
  // The lock on its job ran out meanwhile: who is first once Redis serves again, the worker with the
  // build's end or BullMQ's look for lost workers, is not settled, and both are good ends.
  expect(log).toMatch(
    / line 1\n[\s\S]* line 6\n|the build begins again \(attempt 2\)[\s\S]* CACHED\n/,
  );
  expect(await slipway.github.redeliver(delivery?.id ?? 0)).toMatchObject({ statusCode: 202 });
  expect(await ended(slipway, late)).toMatchObject({ state: 'succeeded' });
});

test('both processes refuse a Redis that forgets, with exit code 78 and one sentence', async () => {
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  for (const room of ['app', 'worker'] as const) {
    const started = run(room, env(slipway.redisUrl, await freePort()));
    await until(`${room} ends`, () => started.child.exitCode !== null);
    expect(started.child.exitCode).toBe(78);
    expect(started.output()).toContain('Redis has maxmemory-policy allkeys-lru');
    expect(started.output()).not.toContain('IMPORTANT');
  }
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
});

test('a Redis that is not there yet is waited for, and looked at once it is', async () => {
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const [port, webPort] = [await freePort(), await freePort()];
  const late = forwarder(port, { host: '127.0.0.1', port: Number(new URL(slipway.redisUrl).port) });
  const web = run('app', env(`redis://127.0.0.1:${port}`, webPort));
  const ready = () => fetch(`http://127.0.0.1:${webPort}/readyz`);
  await until('web says that it is not ready', async () => (await ready()).status === 503);
  expect(web.output()).toContain('Waiting for Redis');
  await late.open();
  await until('web ends', () => web.child.exitCode !== null);
  expect(web.child.exitCode).toBe(78);
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  const again = run('app', env(`redis://127.0.0.1:${port}`, webPort));
  await until('web is ready', async () => (await ready()).ok);

  await redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  await late.close();
  await late.open();
  await until('the other Redis is noticed', () => again.output().includes('volatile-ttl'));
  expect(again.child.exitCode).toBeNull();
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  await end(again, 'SIGKILL');
  await late.close();
});

test('a worker without builds that is told to stop while Redis is silent does so within 15 s', async () => {
  const port = await freePort();
  const way = forwarder(port, { host: '127.0.0.1', port: Number(new URL(slipway.redisUrl).port) });
  await way.open();
  const worker = run('worker', {
    ...env(`redis://127.0.0.1:${port}`, 0),
    DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '',
    REGISTRY: process.env.SLIPWAY_TEST_REGISTRY ?? '',
  });
  await until('it takes builds', () => worker.output().includes('builds at once'));
  await way.close();
  const asked = Date.now();
  await end(worker, 'SIGTERM');
  expect(Date.now() - asked).toBeLessThan(15_000);
  expect(worker.output().match(/Redis does not answer; stopping/g)).toHaveLength(1);
});
