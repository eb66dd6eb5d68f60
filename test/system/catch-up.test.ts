import { cp, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import type { Repository } from '../github/repository.ts';
import { atStep, buildsOf, completed, dockerfile, ended, pushNew } from './builds.ts';
import { cutDeliveries } from './cut-deliveries.ts';
import { readMetrics } from './prometheus.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

const keys = keysUnder('slipway');
let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway({ env: { CATCH_UP_INTERVAL: '1s' } });
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  const { violations } = slipway.github;
  redis.disconnect();
  await slipway.stop();
  expect(violations).toEqual([]);
});

async function startWebAgain() {
  slipway.processes.web = slipway.startWeb();
  await until('web is back', async () => (await fetch(`${slipway.url}/readyz`)).ok);
}

/** The one build of a commit and the one check that it ends in. */
async function builtOnce(repo: Repository, sha: string) {
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ state: 'succeeded' });
  expect(await completed(slipway, build.id)).toMatchObject({ conclusion: 'success' });
  expect(await buildsOf(slipway, sha)).toHaveLength(1);
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(1);
  return build;
}

const metric = async (series: string) =>
  readMetrics(await (await fetch(`${slipway.url}/metrics`)).text()).get(series);

test('pushes while web is down are built once each when it is back', async () => {
  const repo = await slipway.github.createRepository('acme', 'down');
  await end(slipway.processes.web, 'SIGKILL');
  const shas: string[] = [];
  for (const n of [1, 2, 3, 4, 5]) {
    const sha = await repo.commit({ files: dockerfile(`echo ${n}`), message: `push ${n}` });
    const { statusCode } = await repo.push({ ref: 'refs/heads/main', after: sha });
    expect(statusCode).toBe(0);
    shas.push(sha);
  }
  await startWebAgain();
  for (const sha of shas) await builtOnce(repo, sha);
  const latest = await slipway.build(shas.at(-1) ?? '');
  expect(latest).toMatchObject({ tags: [shas.at(-1), 'main', 'latest'] });
  // GitHub's own list says now that they arrived.
  expect(slipway.github.deliveries.filter(({ statusCode }) => statusCode === 202)).toHaveLength(5);
  await until('they are counted', async () => {
    return (await metric('slipway_catch_up_deliveries_total{by="redelivery"}')) === 5;
  });
});

for (const after of ['half', 'whole', 'answered'] as const) {
  test(`web killed with a delivery ${after} builds it once when it is back`, async () => {
    const act = () => end(slipway.processes.web, 'SIGKILL');
    const direct = slipway.github.webhookUrl;
    const cutter = await cutDeliveries(direct ?? '', () => ({ after, act }));
    slipway.github.webhookUrl = cutter.url;
    const repo = await slipway.github.createRepository('acme', `killed-${after}`);
    const sha = await repo.commit({ files: dockerfile(`echo ${after}`), message: after });
    await repo.push({ ref: 'refs/heads/main', after: sha });
    slipway.github.webhookUrl = direct;
    cutter.stop();
    await startWebAgain();
    await builtOnce(repo, sha);
  });
}

test('what GitHub cannot deliver at all is read from its memory', async () => {
  const direct = slipway.github.webhookUrl;
  slipway.github.webhookUrl = 'http://127.0.0.1:1/api/github/webhooks';
  const repo = await slipway.github.createRepository('acme', 'unreachable');
  const sha = await repo.commit({ files: dockerfile('echo unreachable'), message: 'unreachable' });
  const { guid } = await repo.push({ ref: 'refs/heads/main', after: sha });
  await builtOnce(repo, sha);
  slipway.github.webhookUrl = direct;
  expect(slipway.github.deliveries.filter((one) => one.guid === guid)).toHaveLength(2);
  expect(await redis.hgetall(keys.delivery(guid))).toMatchObject({ event: 'push' });
  expect(await metric('slipway_catch_up_deliveries_total{by="payload"}')).toBe(1);
  expect(await metric('slipway_catch_up_waiting')).toBe(0);
});

test('a Redis restored from before a push that was answered 202 builds it, with one check', async () => {
  const copy = `${slipway.dataDir}-copy`;
  // appendfsync everysec: what was written a second ago is in the folder.
  await sleep(1_500);
  await cp(slipway.redisFolder, copy, { recursive: true });
  const repo = await slipway.github.createRepository('acme', 'restored');
  const sha = await repo.commit({ files: dockerfile('echo restored'), message: 'restored' });
  const minuteAgo = Date.now() - 60_000;
  const push = { ref: 'refs/heads/main', after: sha, pushedAt: minuteAgo };
  const { guid, statusCode } = await repo.push(push);
  expect(statusCode).toBe(202);
  const first = await builtOnce(repo, sha);
  await slipway.restartRedis(async () => {
    await rm(slipway.redisFolder, { recursive: true });
    await cp(copy, slipway.redisFolder, { recursive: true });
  });
  const again = await until('it is built again', async () => {
    const [build] = await buildsOf(slipway, sha);
    return build && build.createdAt !== first.createdAt && build.finishedAt ? build : undefined;
  });
  expect(again).toMatchObject({ id: first.id, state: 'succeeded' });
  await until('the check tells of it', () => {
    const [run] = slipway.github.checkRuns(repo, sha);
    return JSON.stringify(run).includes(String(again.digest));
  });
  await builtOnce(repo, sha);
  expect(slipway.github.deliveries.filter((one) => one.guid === guid)).toHaveLength(1);
});

test('an empty Redis brings in the last hour', async () => {
  const repo = await slipway.github.createRepository('acme', 'flushed');
  const sha = await repo.commit({ files: dockerfile('echo flushed'), message: 'flushed' });
  await repo.push({ ref: 'refs/heads/main', after: sha, pushedAt: Date.now() - 60_000 });
  const first = await builtOnce(repo, sha);
  const old = slipway.github.deliveries.at(-1);
  const other = await repo.commit({ files: dockerfile('echo old'), message: 'old' });
  await end(slipway.processes.web, 'SIGKILL');
  await repo.push({ ref: 'refs/heads/main', after: other });
  // As if it had been pushed before the hour.
  const before = slipway.github.deliveries.at(-1);
  before!.deliveredAt -= 3_660_000;
  await redis.flushall();
  await startWebAgain();
  const again = await until('it is planned again', async () => slipway.build(sha));
  expect(again).toMatchObject({ id: first.id });
  expect(old?.statusCode).toBe(202);
  await until('catch-up went through', () => metric('slipway_catch_up_success_timestamp_seconds'));
  expect(await slipway.build(other)).toBeUndefined();
});

test('a Redis that is emptied during a build has it built again, with the check that it has', async () => {
  const { repo, sha } = await pushNew(slipway, 'emptied', 'sleep 8');
  const { id } = await atStep(slipway, sha, 'build');
  await until('its check is there', () => slipway.github.checkRuns(repo, sha).length === 1);
  await redis.flushall();
  await until('it is planned again', async () => slipway.build(sha));
  expect(await builtOnce(repo, sha)).toMatchObject({ id });
});
