import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { atStep, pushNew } from '../system/builds.ts';
import { end, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { expectNothingLeft, settled } from './aftermath.ts';

jest.setTimeout(180_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(() => slipway.stop());

/** Another worker in the place of one that was ended. */
async function replaceWorker(signal: NodeJS.Signals): Promise<void> {
  const [worker] = slipway.processes.workers.splice(0);
  await end(worker!, signal);
  slipway.processes.workers.push(slipway.startWorker());
}

test('a worker killed in the middle of a build: it runs again elsewhere', async () => {
  const { sha } = await pushNew(slipway, 'killed', 'sleep 4; echo done');
  await atStep(slipway, sha, 'build');
  await replaceWorker('SIGKILL');
  const builds = await settled(slipway, 1);
  expect(builds.at(-1)).toMatchObject({ sha, state: 'succeeded', attempt: 2 });
  await expectNothingLeft(slipway);
});
