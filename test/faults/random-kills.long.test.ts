import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Repository } from '../github/repository.ts';
import { digestOf } from '../system/builds.ts';
import { end, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { expectNothingLeft, settled } from './aftermath.ts';
import { bringIn } from './bring-in.ts';
import { randomFrom } from './random-from.ts';

/** A thousand are run by hand: `SLIPWAY_FAULT_PUSHES=1000 npm run test:faults -- -t 'killed at random'`. */
const pushes = Number(process.env.SLIPWAY_FAULT_PUSHES ?? 60);
const seed = process.env.SLIPWAY_FAULT_SEED ?? String(Date.now());
const names = ['acme/web', 'acme/api', 'beta/web', 'beta/tools', 'gamma/site'];
const patience = 120_000 + pushes * 3_000;

jest.setTimeout(patience * 2);

let slipway: Slipway;

beforeAll(async () => {
  const env = { CONCURRENCY: '2', MAX_ATTEMPTS: '20' };
  slipway = await startSlipway({ env, workers: 3 });
});
afterAll(() => slipway.stop());

test(`${pushes} pushes, workers and web killed at random (SLIPWAY_FAULT_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const over = new AbortController();
  const killed = Promise.all([
    killWorkers(randomFrom(`${seed} workers`), over.signal),
    killWeb(randomFrom(`${seed} web`), over.signal),
  ]);
  const begun = Date.now();
  const newest = await pushAll(random);
  const builds = await settled(slipway, pushes, patience);
  over.abort();
  const [workers, webs] = await killed;
  const seconds = Math.round((Date.now() - begun) / 1_000);
  const attempts = builds.reduce((sum, { attempt }) => sum + attempt, 0);
  console.info(
    `${pushes} pushes in ${seconds} s, ${workers} workers and ${webs} webs killed, ${attempts} attempts`,
  );
  expect(workers).toBeGreaterThan(0);
  expect(builds).toHaveLength(pushes);
  expect(builds.filter(({ state }) => state !== 'succeeded')).toEqual([]);
  for (const [repo, sha] of newest) {
    const build = builds.find((one) => one.repository.id === repo.id && one.sha === sha);
    for (const tag of ['main', 'latest'])
      expect(await digestOf(String(build?.image), tag)).toBe(build?.digest);
  }
  await expectNothingLeft(slipway);
});

/** Pushes commit after commit to repositories in no order; answers the last commit of each. */
async function pushAll(random: () => number): Promise<Map<Repository, string>> {
  const repos = await Promise.all(
    names.map((name) => slipway.github.createRepository(...(name.split('/') as [string, string]))),
  );
  const newest = new Map<Repository, string>();
  for (let n = 0; n < pushes; n += 1) {
    const repo = repos[Math.floor(random() * repos.length)]!;
    const files = { Dockerfile: 'FROM slipway-test/base:1\nCOPY n /\n', n: `${seed} ${n}` };
    const sha = await repo.commit({ files, branch: 'main', message: `push ${n}` });
    await bringIn(slipway, await repo.push({ after: sha }));
    newest.set(repo, sha);
    await sleep(random() * 200);
  }
  return newest;
}

async function killWorkers(random: () => number, over: AbortSignal): Promise<number> {
  const { workers } = slipway.processes;
  let killed = 0;
  while (await rest(1_500 + random() * 3_000, over)) {
    const [worker] = workers.splice(Math.floor(random() * workers.length), 1);
    await end(worker!, 'SIGKILL');
    killed += 1;
    await sleep(500 + random() * 2_500);
    workers.push(slipway.startWorker());
  }
  return killed;
}

async function killWeb(random: () => number, over: AbortSignal): Promise<number> {
  let killed = 0;
  while (await rest(8_000 + random() * 8_000, over)) {
    await end(slipway.processes.web, 'SIGKILL');
    killed += 1;
    await sleep(random() * 2_000);
    slipway.processes.web = slipway.startWeb();
    await until('web is back', async () => (await fetch(`${slipway.url}/readyz`)).ok);
  }
  return killed;
}

/** Waits; false once all is over. */
const rest = (milliseconds: number, over: AbortSignal): Promise<boolean> =>
  sleep(milliseconds, true, { signal: over }).catch(() => false);
