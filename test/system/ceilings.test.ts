import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { atStep, completed, dockerfile, ended, pushNew } from './builds.ts';
import { readMetrics } from './prometheus.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({
    env: { SILENCE_TIMEOUT: '3s', CONTEXT_LIMIT: '1m', QUEUE_TIMEOUT: '15s', MAX_ATTEMPTS: '2' },
  });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

test('a build that prints nothing for too long fails, one that prints does not', async () => {
  const silent = await pushNew(slipway, 'silent', 'echo begun; sleep 600');
  const talking = await pushNew(
    slipway,
    'talking',
    'for i in 1 2 3 4 5; do echo $i; sleep 1; done',
  );
  const build = await ended(slipway, silent.sha);
  expect(build).toMatchObject({
    state: 'failed',
    reason: 'The build printed nothing for 3.0 s (SILENCE_TIMEOUT).',
  });
  expect((await completed(slipway, build.id)).conclusion).toBe('failure');
  expect(await ended(slipway, talking.sha)).toMatchObject({ state: 'succeeded' });
});

test('a context that is too large fails with its largest files, one within the limit does not', async () => {
  const repo = await slipway.github.createRepository('acme', 'large');
  const files = {
    ...dockerfile('echo large'),
    'film.bin': randomBytes(900_000),
    'song.bin': randomBytes(300_000),
  };
  const sha = await repo.commit({ files });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const { reason } = await ended(slipway, sha);
  expect(reason).toMatch(
    /^The build context is 1\.1 MiB, and at most 1 MiB are taken \(CONTEXT_LIMIT\): .*\.dockerignore\. The largest files are film\.bin \(878\.9 KiB\), song\.bin \(293 KiB\), Dockerfile/,
  );
  const ignoring = await repo.commit({ files: { '.dockerignore': 'film.bin\n' }, branch: 'main' });
  await repo.push({ ref: 'refs/heads/main', after: ignoring });
  expect(await ended(slipway, ignoring)).toMatchObject({ state: 'succeeded' });
});

test('a check that is open on GitHub though its build has ended is completed again', async () => {
  const { repo, sha } = await pushNew(slipway, 'late', 'echo late');
  const { id } = await ended(slipway, sha);
  await completed(slipway, id);
  const [run] = slipway.github.checkRuns(repo, sha);
  // As GitHub shows it after an older write that came late.
  Object.assign(run!, { status: 'in_progress', conclusion: null });
  const redis = new Redis(slipway.redisUrl);
  const { dueChecks } = keysUnder('slipway');
  await until('it is to be looked at again', () => redis.zscore(dueChecks, id));
  await redis.zadd(dueChecks, 'XX', Date.now(), id);
  expect((await completed(slipway, id)).conclusion).toBe('success');
  await until('it is off the list', async () => (await redis.zscore(dueChecks, id)) === null);
  redis.disconnect();
  const metrics = await (await fetch(`${slipway.url}/metrics`)).text();
  expect(metrics).toContain('slipway_repairs_total{what="open on GitHub"} 1');
});

test('a build whose worker is lost as often as it is begun ends with the reason', async () => {
  const { sha } = await pushNew(slipway, 'lost', 'sleep 60');
  for (const attempt of [1, 2]) {
    await until('it is begun', async () => (await slipway.build(sha))?.attempt === attempt);
    await atStep(slipway, sha, 'build');
    const [worker] = slipway.processes.workers.splice(0);
    await end(worker!, 'SIGKILL');
    slipway.processes.workers.push(slipway.startWorker());
  }
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ state: 'errored', attempt: 2 });
  expect(build.reason).toMatch(/^Its worker was lost 2 times \(MAX_ATTEMPTS\), last \S+\.$/);
  expect((await completed(slipway, build.id)).conclusion).toBe('failure');
});

test('a build that no worker takes in time ends with the reason', async () => {
  for (const worker of slipway.processes.workers.splice(0)) await end(worker, 'SIGTERM');
  const { sha } = await pushNew(slipway, 'alone', 'echo never');
  const build = await ended(slipway, sha);
  const reason = 'No worker took it within 15 s (QUEUE_TIMEOUT).';
  expect(build).toMatchObject({ state: 'cancelled', attempt: 0, reason });
  expect((await completed(slipway, build.id)).conclusion).toBe('cancelled');
  const log = await fetch(`${slipway.url}/api/builds/${build.id}/log`);
  expect(await log.text()).toContain(reason);
  // Longer than what is out of order is left alone.
  await sleep(8_000);
  const metrics = readMetrics(await (await fetch(`${slipway.url}/metrics`)).text());
  for (const what of ['not reported', 'not archived'])
    expect(metrics.get(`slipway_repairs_total{what="${what}"}`)).toBe(0);
});
