import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { atStep, ended, pushNew } from '../system/builds.ts';
import { type SlowRegistry, startSlowRegistry } from '../system/slow-registry.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { type OwnEngine, startOwnEngine } from './own-engine.ts';

jest.setTimeout(180_000);

let engine: OwnEngine;
let registry: SlowRegistry;
let slipway: Slipway;

beforeAll(async () => {
  engine = await startOwnEngine();
  registry = await startSlowRegistry(
    process.env.SLIPWAY_TEST_REGISTRY ?? '',
    Number.POSITIVE_INFINITY,
  );
  const env = { DOCKER_HOST: engine.host, REGISTRY: registry.host, CONCURRENCY: '2' };
  slipway = await startSlipway({ env });
});
afterAll(async () => {
  await slipway.stop();
  await registry.stop();
  await engine.remove();
});

/** Expects that the builds of these commits end well, at the first attempt, and nothing is left. */
async function expectAllWell(shas: string[]): Promise<void> {
  const others = (await allBuilds(slipway)).filter(({ sha }) => !shas.includes(sha));
  const builds = await settled(slipway, others.length + shas.length);
  const own = builds.filter(({ sha }) => shas.includes(sha));
  expect(own.map(({ state, attempt, reason }) => [`${state} ${attempt}`, reason])).toEqual(
    shas.map(() => ['succeeded 1', expect.stringMatching(/^Pushed sha256:/)]),
  );
  await expectNothingLeft(slipway, engine.host);
}

const workerWaits = () =>
  until('the worker takes no builds', () =>
    slipway.processes.workers[0]!.output().includes('takes no builds'),
  );

test('the Engine restarted in the middle of a build: it is built again, and none is counted', async () => {
  const { sha } = await pushNew(slipway, 'restarted', 'sleep 5; echo done');
  await atStep(slipway, sha, 'build');
  await engine.stop();
  await workerWaits();
  const { sha: later } = await pushNew(slipway, 'restarted-later', 'true');
  expect(await slipway.build(sha)).toMatchObject({ state: 'queued', attempt: 0 });
  await engine.start();
  await expectAllWell([sha, later]);
});

test('the Engine’s socket gone for 20 s: what is built goes on, what comes waits', async () => {
  const { pathname: socket } = new URL(engine.host);
  const { sha } = await pushNew(slipway, 'unplugged', 'sleep 5; echo has run');
  await atStep(slipway, sha, 'build');
  await rename(socket, `${socket}.away`);
  const { sha: later } = await pushNew(slipway, 'unplugged-later', 'true');
  await sleep(20_000);
  expect(await slipway.build(later)).toMatchObject({ state: 'queued', attempt: 0 });
  await rename(`${socket}.away`, socket);
  await expectAllWell([sha, later]);
  const { id } = await ended(slipway, sha);
  const log = await (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
  expect(log.match(/ \d+\.\d+ has run$/gm)).toHaveLength(1);
});

test('the Engine killed in the middle of a push: pushed once it is back, and not built again', async () => {
  registry.rate = 400_000;
  const { sha } = await pushNew(
    slipway,
    'killed-pushing',
    'head -c 4000000 /dev/urandom > /data; echo has run',
  );
  await atStep(slipway, sha, 'push');
  await until('a layer is being sent', () => registry.uploads.size > 0);
  engine.kill('SIGKILL');
  await engine.ended();
  registry.rate = Number.POSITIVE_INFINITY;
  await engine.start();
  await expectAllWell([sha]);
  const { id } = await ended(slipway, sha);
  const log = await (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
  expect(log.match(/ \d+\.\d+ has run$/gm)).toHaveLength(1);
});
