import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { freePort } from '../../bin/embedded/free-port.ts';
import { atStep, completed, ended, pushNew } from '../system/builds.ts';
import { type Forwarder, forwarder } from '../system/forwarder.ts';
import { end, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { expectFewWrites } from './github-phases.ts';

jest.setTimeout(240_000);

let road: Forwarder;
let slipway: Slipway;

beforeAll(async () => {
  const port = await freePort();
  slipway = await startSlipway({ env: { CONCURRENCY: '3' } });
  road = forwarder(port, { host: '127.0.0.1', port: Number(slipway.github.host.split(':')[1]) });
  await road.open();
  await end(slipway.processes.web, 'SIGKILL');
  slipway.processes.web = slipway.startWeb({ GHE_HOST: `127.0.0.1:${port}` });
  await until('web is ready', async () => (await fetch(`${slipway.url}/readyz`)).ok);
});
afterAll(async () => {
  await slipway.stop();
  await road.close();
});

async function expectAllWell(count: number): Promise<void> {
  const builds = await settled(slipway, count);
  expect(builds.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(
    builds.map(() => 'succeeded 1'),
  );
  expectFewWrites(slipway, builds);
  await expectNothingLeft(slipway);
}

test('connections refused for 60 s: commits that a mirror has are built, others wait', async () => {
  const known = await pushNew(slipway, 'refused-known', 'true');
  const first = await ended(slipway, known.sha);
  await completed(slipway, first.id);
  const running = await pushNew(slipway, 'refused-running', 'sleep 5');
  await atStep(slipway, running.sha, 'build');
  const [worker] = slipway.processes.workers.splice(0);
  await end(worker!, 'SIGTERM');
  const unknown = await pushNew(slipway, 'refused-unknown', 'true');
  await known.repo.push({ ref: 'refs/heads/other', after: known.sha });
  await until('all are planned', async () => (await allBuilds(slipway)).length === 4);
  await road.close();
  const closedAt = Date.now();
  slipway.processes.workers.push(slipway.startWorker());
  const during = await pushNew(slipway, 'refused-during', 'true');
  expect(slipway.github.deliveries.at(-1)).toMatchObject({ statusCode: 202 });

  const isHalf = ({ state }: { state: string }) => state === 'succeeded';
  await until(
    'what can be built is',
    async () => (await allBuilds(slipway)).filter(isHalf).length === 3,
  );
  await sleep(60_000 - (Date.now() - closedAt));
  expect(await slipway.build(unknown.sha)).toMatchObject({ state: 'running', step: 'checkout' });
  expect(await slipway.build(during.sha)).toBeUndefined();
  await road.open();
  await expectAllWell(5);
});

test('every answer 30 s late for a while: deliveries are taken at once, and all end well', async () => {
  const running = await pushNew(slipway, 'late-running', 'sleep 5');
  await atStep(slipway, running.sha, 'build');
  const hurry = slipway.github.fault({ match: () => true, delayMs: 30_000 });
  const begun = Date.now();
  await pushNew(slipway, 'late-planned', 'true');
  expect(Date.now() - begun).toBeLessThan(5_000);
  expect(slipway.github.deliveries.at(-1)).toMatchObject({ statusCode: 202 });
  expect(await ended(slipway, running.sha)).toMatchObject({ state: 'succeeded', attempt: 1 });
  await sleep(40_000 - (Date.now() - begun));
  hurry();
  await expectAllWell(7);
});
