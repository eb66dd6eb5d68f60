import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { freePort } from '../../bin/embedded/free-port.ts';
import { atStep, type BuildJson, buildsOf, completed, ended, pushNew } from './builds.ts';
import { type Forwarder, forwarder } from './forwarder.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

const registryUrl = new URL(`http://${process.env.SLIPWAY_TEST_REGISTRY}`);
const { pathname: socket } = new URL(process.env.SLIPWAY_TEST_DOCKER_HOST ?? '');
let slipway: Slipway;
let engine: Forwarder;
let registry: Forwarder;
let ports: { engine: number; registry: number };

beforeAll(async () => {
  ports = { engine: await freePort(), registry: await freePort() };
  engine = forwarder(ports.engine, { path: socket });
  registry = forwarder(ports.registry, { host: '127.0.0.1', port: Number(registryUrl.port) });
  slipway = await startSlipway({
    env: {
      DOCKER_HOST: `tcp://127.0.0.1:${ports.engine}`,
      REGISTRY: `127.0.0.1:${ports.registry}`,
    },
  });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  await engine.close();
  await registry.close();
  expect(violations).toEqual([]);
});

const workerSays = (words: string) =>
  until(`the worker says ${words}`, () =>
    slipway.processes.workers.some(({ output }) => output().includes(words)),
  );

/** Looks at a build for a while, and answers every state and attempt it had. */
async function watchFor(seconds: number, sha: string): Promise<string[]> {
  const seen = new Set<string>();
  const last = Date.now() + seconds * 1_000;
  await until('the time is over', async () => {
    const build = await slipway.build(sha);
    if (build) seen.add(`${build.state} ${build.attempt}`);
    return Date.now() > last;
  });
  return [...seen];
}

async function expectDone(sha: string, build: BuildJson): Promise<void> {
  expect(build).toMatchObject({ state: 'succeeded', attempt: 1 });
  const check = await completed(slipway, build.id);
  expect(check.conclusion).toBe('success');
  expect(await buildsOf(slipway, sha)).toHaveLength(1);
}

test('without an engine and then without a registry a worker takes nothing, and says why', async () => {
  await workerSays(`takes no builds: No Docker Engine answers at http://127.0.0.1:${ports.engine}`);
  const { sha } = await pushNew(slipway, 'patient', 'echo patient');
  expect(await watchFor(3, sha)).toEqual(['queued 0']);
  const metrics = await (await fetch(`${slipway.url}/metrics`)).text();
  expect(metrics).toContain('slipway_workers{ready="false"} 1');
  expect(metrics).toContain('slipway_builds{state="queued"} 1');

  await engine.open();
  await workerSays(`takes no builds: The registry 127.0.0.1:${ports.registry} does not answer`);
  expect(await watchFor(3, sha)).toEqual(['queued 0']);

  await registry.open();
  await expectDone(sha, await ended(slipway, sha));
});

test('an engine that goes away unseen costs no attempt and begins no build', async () => {
  await engine.close();
  const { repo, sha } = await pushNew(slipway, 'unseen', 'echo unseen');
  expect(await watchFor(6, sha)).toEqual(['queued 0']);
  await engine.open();
  await expectDone(sha, await ended(slipway, sha));
  const [check, ...others] = slipway.github.checkRuns(repo, sha);
  expect(others).toEqual([]);
  expect(check?.history.length).toBeLessThanOrEqual(3);
});

test('an engine that goes away in the middle of a build gives the attempt back', async () => {
  const { sha } = await pushNew(slipway, 'middle', 'sleep 4; echo middle');
  const { id } = await atStep(slipway, sha, 'build');
  await engine.close();
  const waiting = await until('it is queued again', async () => {
    const build = await slipway.build(sha);
    return build?.state === 'queued' ? build : undefined;
  });
  expect(waiting).toMatchObject({ id, attempt: 0 });
  expect(waiting.reason).toContain('It will be tried again.');
  expect(await watchFor(3, sha)).toEqual(['queued 0']);
  await engine.open();
  await expectDone(sha, await ended(slipway, sha));
});
