import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { freePort } from '../../bin/embedded/free-port.ts';
import { keysUnder } from '../../queue/keys.ts';
import { dockerfile } from './builds.ts';
import { readMetrics } from './prometheus.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

const keys = keysUnder('slipway');
let slipway: Slipway;
let redis: Redis;

async function start(env: Record<string, string> = {}): Promise<void> {
  slipway = await startSlipway({ workers: 0, env: { CATCH_UP_INTERVAL: '1s', ...env } });
  redis = new Redis(slipway.redisUrl);
}
afterEach(async () => {
  const { violations } = slipway.github;
  redis.disconnect();
  await slipway.stop();
  expect(violations).toEqual([]);
});

const metric = async (series: string) =>
  readMetrics(await (await fetch(`${slipway.url}/metrics`)).text()).get(series);

const lists = () =>
  slipway.github.requests.filter(({ path }) => path.endsWith('/app/hook/deliveries'));

async function push(name: string) {
  const repo = await slipway.github.createRepository('acme', name);
  const sha = await repo.commit({ files: dockerfile(`echo ${name}`), message: name });
  return { sha, delivery: await repo.push({ ref: 'refs/heads/main', after: sha }) };
}

test('of two web processes one catches up at a time, and the other when that one is gone', async () => {
  await start();
  const port = String(await freePort());
  const other = slipway.startWeb({ PORT: port });
  await until('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
  const before = lists().length;
  const begun = Date.now();
  await sleep(5_000);
  const made = lists().length - before;
  // Once a second, were there one process or two.
  expect(made).toBeGreaterThanOrEqual(2);
  expect(made).toBeLessThanOrEqual((Date.now() - begun) / 1_000 + 1);
  await end(slipway.processes.web, 'SIGKILL');
  const { sha, delivery } = await push('half-gone');
  expect(delivery.statusCode).toBe(0);
  slipway.github.webhookUrl = `http://127.0.0.1:${port}/api/github/webhooks`;
  await until('it is planned', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/builds?sha=${sha}`);
    return ((await answer.json()) as { builds: unknown[] }).builds.length === 1;
  });
  await end(other, 'SIGKILL');
});

test('no more calls are made than the budget allows, and it is said once', async () => {
  await start({ CATCH_UP_BUDGET: '15' });
  await until('it is spent', async () => {
    return (await metric('slipway_recovery_budget_left{by="catch-up"}')) === 0;
  });
  const { sha } = await (async () => {
    const direct = slipway.github.webhookUrl;
    slipway.github.webhookUrl = 'http://127.0.0.1:1/';
    const pushed = await push('waits');
    slipway.github.webhookUrl = direct;
    return pushed;
  })();
  await sleep(3_000);
  expect(lists()).toHaveLength(15);
  expect(await metric('slipway_recovery_calls_total{by="catch-up"}')).toBe(15);
  expect(await slipway.build(sha)).toBeUndefined();
  const said = slipway.processes.web.output().match(/CATCH_UP_BUDGET allows the catch-up/g);
  expect(said).toHaveLength(1);
  // The next hour has a budget of its own.
  await redis.del(keys.calls('catch-up', Math.floor(Date.now() / 3_600_000)));
  await until('it is planned', () => slipway.build(sha));
});

test('a delivery that is refused is sent again five times, then given up, and taken by hand', async () => {
  await start();
  const refusing = createServer((_request, response) => {
    response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  const direct = slipway.github.webhookUrl;
  slipway.github.webhookUrl = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/`;
  const { sha, delivery } = await push('refused');
  expect(delivery.statusCode).toBe(401);
  const attempts = () => slipway.github.deliveries.filter(({ guid }) => guid === delivery.guid);
  await until('it is sent again', () => attempts().length === 2);
  await sleep(2_500);
  // The next time is a minute later.
  expect(attempts()).toHaveLength(2);
  for (const count of [3, 4, 5, 6]) {
    await redis.zadd(keys.allMissed, 'XX', Date.now(), delivery.guid);
    await until(`it is sent ${count} times`, async () => {
      const resent = await redis.hget(keys.missed(delivery.guid), 'resent');
      return attempts().length === count && Number(resent) === count - 1;
    });
  }
  await redis.zadd(keys.allMissed, 'XX', Date.now(), delivery.guid);
  await until('it is given up', async () => {
    return (await metric('slipway_catch_up_deliveries_total{by="given up"}')) === 1;
  });
  await sleep(2_500);
  expect(attempts()).toHaveLength(6);
  expect(await redis.hgetall(keys.missed(delivery.guid))).toMatchObject({
    givenUp: 'It was answered 401, and sent again 5 times in vain.',
  });
  expect(await slipway.build(sha)).toBeUndefined();
  slipway.github.webhookUrl = direct;
  refusing.close();
  expect(await slipway.github.redeliver(delivery.id)).toMatchObject({ statusCode: 202 });
  await until('it is planned', () => slipway.build(sha));
});

test('deliveries that nothing is done for are not asked for', async () => {
  await start();
  const direct = slipway.github.webhookUrl;
  slipway.github.webhookUrl = 'http://127.0.0.1:1/';
  await slipway.github.deliver('ping', { zen: 'x', hook_id: 1, hook: {} }, { check: false });
  slipway.github.webhookUrl = direct;
  const before = lists().length;
  await until('it was listed twice', () => lists().length >= before + 2);
  const others = slipway.github.requests.filter(({ path }) => /deliveries\/\d+/.test(path));
  expect(others).toEqual([]);
});
