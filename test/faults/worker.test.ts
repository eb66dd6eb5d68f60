import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { atStep, digestOf, dockerfile, ended, pushNew } from '../system/builds.ts';
import { end, type Process, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { holdGitHub } from './hold.ts';
import { type HoldingRegistry, startHoldingRegistry } from './holding-registry.ts';
import { killWorkerOf, workerOf } from './worker-of.ts';

jest.setTimeout(180_000);

/** What stays the same for every worker: each runs one build, so that a kill meets one. */
const env = { CONCURRENCY: '1' };
let registry: HoldingRegistry;
let slipway: Slipway;

beforeAll(async () => {
  registry = await startHoldingRegistry(process.env.SLIPWAY_TEST_REGISTRY ?? '');
  slipway = await startSlipway({ env: { ...env, REGISTRY: registry.host }, workers: 4 });
});
afterAll(async () => {
  await slipway.stop();
  await registry.stop();
});

const slowRun = 'sleep 3; echo done';

/** Where a worker is killed: each answers what to let go on afterwards, if anything. */
const moments: Record<string, (name: string) => Promise<{ sha: string; release?: () => void }>> = {
  'the checkout': async (name) => {
    const { reached, release } = holdGitHub(slipway, new RegExp(`^GET /acme/${name}.git/`));
    const { sha } = await pushNew(slipway, name, slowRun);
    await reached;
    return { sha, release };
  },
  'the build': async (name) => {
    const { sha } = await pushNew(slipway, name, slowRun);
    await atStep(slipway, sha, 'build');
    return { sha };
  },
  'the push': (name) => heldAt(name, new RegExp(`^P.*/acme/${name}/blobs/uploads/`)),
  'the push’s last request': (name) => heldAt(name, new RegExp(`^PUT .*/acme/${name}/manifests/`)),
  'the tags, with the image there': async (name) => {
    const held = await heldAt(name, new RegExp(`^PUT .*/acme/${name}/manifests/main$`));
    await until('it is there', () => digestOf(`${registry.host}/acme/${name}`, held.sha));
    return held;
  },
  'the last tag': async (name) => {
    const held = await heldAt(name, new RegExp(`^PUT .*/acme/${name}/manifests/latest$`));
    await until('the other tag is there', () => digestOf(`${registry.host}/acme/${name}`, 'main'));
    return held;
  },
  'the build, with no check on GitHub yet': async (name) => {
    const { release } = holdGitHub(slipway, new RegExp(`^POST /repos/acme/${name}/check-runs`));
    const { sha } = await pushNew(slipway, name, slowRun);
    await atStep(slipway, sha, 'build');
    return { sha, release };
  },
};

async function heldAt(name: string, requests: RegExp) {
  const { reached, release } = registry.hold(requests);
  const { sha } = await pushNew(slipway, name, 'echo done');
  await reached;
  return { sha, release };
}

/** The first test puts two workers to sleep, the last one wakes them. */
const asleep: { sha: string; worker: Process; since: number }[] = [];
const longestSleep = 90_000;

/** Puts a worker to sleep in the middle of a build, and has another in its place. */
async function putToSleep(sha: string): Promise<void> {
  const worker = await workerOf(slipway, sha);
  worker.child.kill('SIGSTOP');
  asleep.push({ sha, worker, since: Date.now() });
  slipway.processes.workers.push(slipway.startWorker());
}

/** What a worker that wakes must leave as it is. */
async function traces(sha: string) {
  const build = (await allBuilds(slipway)).find((one) => one.sha === sha);
  const log = await (await fetch(`${slipway.url}/api/builds/${build?.id}/log`)).text();
  const image = String(build?.image);
  const tags = await Promise.all([sha, 'main', 'latest'].map((tag) => digestOf(image, tag)));
  return { build, log, tags, checks: slipway.github.checkRuns(undefined, sha) };
}

test('a worker that stands still: another takes over within seconds', async () => {
  const { sha: building } = await pushNew(slipway, 'asleep', 'sleep 4; echo done');
  // What it is told of the image waits until it has lost the tags to another and to a newer push.
  const { reached, release } = registry.hold(/^GET .*\/acme\/tags-asleep\/manifests\/sha256/);
  const { repo, sha: tagging } = await pushNew(slipway, 'tags-asleep', 'echo older > /which');
  await reached;
  await atStep(slipway, tagging, 'tag');
  await atStep(slipway, building, 'build');
  await Promise.all([putToSleep(building), putToSleep(tagging)]);
  release();
  for (const { sha, since } of asleep) {
    await until('another has it', async () => (await slipway.build(sha))?.attempt === 2, 20_000);
    expect(Date.now() - since).toBeLessThan(15_000);
    expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded', attempt: 2 });
  }
  const newer = await repo.commit({ files: dockerfile('echo newer > /which'), parent: tagging });
  await repo.push({ after: newer });
  expect(await ended(slipway, newer)).toMatchObject({ tags: [newer, 'main', 'latest'] });
});

test('a worker killed at any moment: its build runs again elsewhere', async () => {
  const kills = Object.values(moments).map(async (reach, index) => {
    const { sha, release } = await reach(`killed-${index}`);
    await killWorkerOf(slipway, sha);
    release?.();
    return sha;
  });
  const shas = await Promise.all(kills);
  const builds = await settled(slipway, shas.length);
  for (const [index, moment] of Object.keys(moments).entries()) {
    const build = builds.find(({ sha }) => sha === shas[index]);
    expect({ moment, ...build }).toMatchObject({ moment, state: 'succeeded', attempt: 2 });
    for (const tag of ['main', 'latest'])
      expect(await digestOf(String(build?.image), tag)).toBe(build?.digest);
  }
  await expectNothingLeft(slipway);
});

test('a worker told to stop hands its build back, or ends it in the grace it has', async () => {
  for (const worker of slipway.processes.workers.splice(0)) {
    if (asleep.every((one) => one.worker !== worker)) await end(worker, 'SIGTERM');
  }
  const stopped = async (name: string, STOP_GRACE: string) => {
    const worker = slipway.startWorker({ STOP_GRACE });
    const { sha } = await pushNew(slipway, name, 'sleep 4; echo done');
    await atStep(slipway, sha, 'build');
    expect(await end(worker, 'SIGTERM')).toBe(0);
    return sha;
  };
  const kept = await stopped('long-grace', '30s');
  expect(await slipway.build(kept)).toMatchObject({ state: 'succeeded', attempt: 1 });
  const handedBack = await stopped('short-grace', '0.2s');
  expect(await slipway.build(handedBack)).toMatchObject({
    ...{ state: 'queued', attempt: 0 },
    reason: 'Its worker stopped; waiting for another.',
  });
  const other = slipway.startWorker();
  expect(await ended(slipway, handedBack)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await end(other, 'SIGTERM')).toBe(0);
});

test('a worker that wakes changes nothing of what it lost, and builds what comes', async () => {
  for (const { sha, worker, since } of asleep) {
    await sleep(Math.max(0, since + longestSleep - Date.now()));
    const before = await traces(sha);
    worker.child.kill('SIGCONT');
    slipway.processes.workers.push(worker);
    const { sha: next } = await pushNew(slipway, `awake-${sha.slice(0, 7)}`, 'echo done');
    expect(await ended(slipway, next)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await workerOf(slipway, next)).toBe(worker);
    expect(await traces(sha)).toEqual(before);
    worker.child.kill('SIGTERM');
  }
  await settled(slipway, asleep.length);
  await expectNothingLeft(slipway);
});
