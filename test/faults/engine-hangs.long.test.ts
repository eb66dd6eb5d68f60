import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { atStep, dockerfile, pushNew } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { expectNothingLeft, settled } from './aftermath.ts';
import { type OwnEngine, startOwnEngine } from './own-engine.ts';

jest.setTimeout(240_000);

let engine: OwnEngine;
let slipway: Slipway;
let folder: string;

beforeAll(async () => {
  engine = await startOwnEngine();
  folder = await mkdtemp(join(tmpdir(), 'slipway-hangs-'));
  slipway = await startSlipway({ env: { DOCKER_HOST: engine.host, CONCURRENCY: '2' } });
});
afterAll(async () => {
  await slipway.stop();
  await engine.remove();
  await rm(folder, { recursive: true });
});

test('an Engine that says nothing for a while: its build begins again, and none is counted', async () => {
  const { sha } = await pushNew(slipway, 'hung', 'sleep 5; echo done');
  await atStep(slipway, sha, 'build');
  engine.kill('SIGSTOP');
  const hungAt = Date.now();
  const { sha: later } = await pushNew(slipway, 'hung-later', 'true');
  await until(
    'the worker lets go of both',
    async () => {
      const both = [await slipway.build(sha), await slipway.build(later)];
      return both.every((build) => build?.state === 'queued' && build.attempt === 0);
    },
    75_000,
  );
  const seconds = (Date.now() - hungAt) / 1_000;
  console.info(`The engine was given up after ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(35);
  engine.kill('SIGCONT');
  const builds = await settled(slipway, 2);
  expect(builds.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual([
    'succeeded 1',
    'succeeded 1',
  ]);
  await expectNothingLeft(slipway, engine.host);
});

test('an Engine that says nothing while it tests holds no build either', async () => {
  const repo = await slipway.github.createRepository('acme', 'hung-test');
  const rules = 'images:\n  - name: web\n    test: { command: [sleep, "20"] }\n';
  const files = { ...dockerfile('true'), '.github/slipway.yml': rules };
  const sha = await repo.commit({ files });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  await atStep(slipway, sha, 'test');
  engine.kill('SIGSTOP');
  await until(
    'the worker lets go of it',
    async () => (await slipway.build(sha))?.state === 'queued',
    75_000,
  );
  expect(await slipway.build(sha)).toMatchObject({ attempt: 0 });
  engine.kill('SIGCONT');
  expect((await settled(slipway, 3)).at(-1)).toMatchObject({ state: 'succeeded', attempt: 1 });
  await expectNothingLeft(slipway, engine.host);
});

test('an Engine that never speaks again: a worker on another finishes its build', async () => {
  const { sha } = await pushNew(slipway, 'elsewhere', 'sleep 5; echo done');
  await atStep(slipway, sha, 'build');
  engine.kill('SIGSTOP');
  const other = process.env.SLIPWAY_TEST_DOCKER_HOST ?? '';
  const own = { DOCKER_HOST: other, DATA_DIR: join(folder, 'data') };
  slipway.processes.workers.push(slipway.startWorker(own));
  const builds = await settled(slipway, 4);
  expect(builds.at(-1)).toMatchObject({ sha, state: 'succeeded', attempt: 1 });
  engine.kill('SIGCONT');
  await expectNothingLeft(slipway, engine.host);
  await expectNothingLeft(slipway);
});
