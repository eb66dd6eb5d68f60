import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { type BuildJson, completed, dockerfile, ended, pushNew } from './builds.ts';
import { readMetrics } from './prometheus.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

const keys = keysUnder('slipway');
let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway({ env: { KEEP_BUILDS: '1', KEEP_LOGS_FOR: '1d' } });
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** Starts web anew an hour after the last time that it tidied up. */
async function anHourLater(): Promise<void> {
  await end(slipway.processes.web, 'SIGTERM');
  await redis.del(keys.lock('tidy'));
  slipway.processes.web = slipway.startWeb();
}

const page = (path: string) => fetch(`${slipway.url}${path}`);

async function archived({ id }: BuildJson): Promise<string> {
  await completed(slipway, id);
  const isDone = async () => (await redis.zscore(keys.dueArchives, id)) === null;
  await until('the log is archived', isDone);
  return join(slipway.dataDir, 'logs', id.slice(0, 2), `${id}.ndjson.gz`);
}

test('old builds and logs go, and whoever asks for them is told', async () => {
  const { repo, sha } = await pushNew(slipway, 'kept', 'echo kept');
  const first = await ended(slipway, sha);
  await archived(first);
  const next = await repo.commit({ files: dockerfile('echo next'), message: 'next' });
  await repo.push({ ref: 'refs/heads/main', after: next });
  const second = await ended(slipway, next);
  const file = await archived(second);
  const longAgo = new Date(Date.now() - 2 * 24 * 3_600_000);
  await utimes(file, longAgo, longAgo);

  await anHourLater();
  await until('the first build is gone', async () => {
    return (await page(`/api/builds/${first.id}`)).status === 404;
  });
  const gone = await until('the second log is gone', async () => {
    const answer = await page(`/api/builds/${second.id}/log`);
    return answer.status === 410 ? answer : undefined;
  });
  expect(await gone.json()).toMatchObject({
    error: { code: 'gone', message: expect.stringContaining('KEEP_LOGS_FOR') },
  });
  expect(await (await page(`/builds/${second.id}`)).text()).toContain('KEEP_LOGS_FOR');
  expect(await (await page(`/api/builds/${second.id}/events`)).text()).toContain('event: state');
  expect(await (await page('/api/builds')).json()).toMatchObject({ builds: [{ id: second.id }] });
  const samples = readMetrics(await (await page('/metrics')).text());
  expect(samples.get('slipway_removed_total{what="builds"}')).toBe(1);
  expect(samples.get('slipway_removed_total{what="logs"}')).toBe(1);
});
