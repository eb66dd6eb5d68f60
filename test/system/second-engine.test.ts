import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type EmbeddedEngine, startEngine } from '../../bin/embedded/engine.ts';
import type { Step } from '../../queue/build.ts';
import type { Repository } from '../github/repository.ts';
import { baseInRegistry } from '../services/base-image.ts';
import { type BuildJson, digestOf, ended } from './builds.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(180_000);

const base = `${process.env.SLIPWAY_TEST_REGISTRY}/${baseInRegistry}`;
let folder: string;
let engine: EmbeddedEngine;
let slipway: Slipway;
let repo: Repository;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-second-'));
  engine = await startEngine({ folder: join(folder, 'engine') });
  slipway = await startSlipway({ env: { CONCURRENCY: '2' } });
  repo = await slipway.github.createRepository('acme', 'two');
});
afterAll(async () => {
  try {
    const { violations } = slipway.github;
    await slipway.stop();
    expect(violations).toEqual([]);
  } finally {
    await engine?.stop();
    await rm(folder, { recursive: true });
  }
});

/** Pushes other sources, and answers the build once it has ended well. */
async function built(files: Record<string, string>): Promise<BuildJson> {
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.push({ after: sha });
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ state: 'succeeded', reuses: null });
  return build;
}

const logOf = async ({ id }: BuildJson) =>
  (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();

/** The tag under which the first stage's layers are shared. */
const sharedBy = ({ image }: BuildJson) => digestOf(`${image}-slipway-cache`, 'stage-deps');

/** A worker on the second Engine with a room of its own, as on another machine. */
function startSecond() {
  const worker = slipway.startWorker({
    DOCKER_HOST: engine.host,
    DATA_DIR: join(folder, 'data'),
  });
  slipway.processes.workers.push(worker);
}

test('a worker on an empty Engine begins where the other one was', async () => {
  const Dockerfile = [
    `FROM ${base} AS deps`,
    'COPY deps /deps',
    `RUN : ${randomUUID()}; cat /deps > /fetched`,
    `FROM ${base}`,
    'COPY --from=deps /fetched /fetched',
    'COPY src /src',
    'RUN cat /src /fetched > /made',
    '',
  ].join('\n');
  const first = await built({ Dockerfile, deps: 'deps', src: 'one' });
  await until('the layers are shared', () => sharedBy(first));
  const [worker] = slipway.processes.workers.splice(0);
  expect(worker && (await end(worker, 'SIGTERM'))).toBe(0);
  startSecond();

  const second = await built({ src: 'two' });
  expect(second.worker).not.toBe(first.worker);
  const log = await logOf(second);
  expect(log).toContain('This worker has not built this lately: layers come from');
  const [, number] = /#(\d+) \[deps 3\/3\] RUN /.exec(log) ?? [];
  expect(log).toMatch(new RegExp(`^.*#${number} CACHED$`, 'm'));
  expect((second.steps as Step[]).find(({ name }) => name === 'build')).toMatchObject({
    ...{ cached: 3, total: 5 },
  });
  expect(second.digest).not.toBe(first.digest);
});

test('with workers on two Engines one of them keeps a repository’s builds', async () => {
  slipway.processes.workers.push(slipway.startWorker());
  await until('there are two workers', async () => {
    const answer = await fetch(`${slipway.url}/metrics`);
    return (await answer.text()).includes('slipway_workers{ready="true"} 2');
  });
  const workers: unknown[] = [];
  for (let times = 0; times <= 10; times += 1)
    workers.push((await built({ src: `more ${times}` })).worker);
  const [usual, ...next] = workers;
  expect(next.filter((worker) => worker === usual).length).toBeGreaterThanOrEqual(7);
});
