import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { freePort } from '../../bin/embedded/free-port.ts';
import { startRegistry } from '../../bin/embedded/registry.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(150_000);

let slipway: Slipway;
let folder: string;
let registry: Awaited<ReturnType<typeof startRegistry>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-outages-'));
  const port = await freePort();
  registry = await startRegistry({ folder: join(folder, 'registry'), port });
  slipway = await startSlipway({ env: { REGISTRY: registry.host, BUILD_TIMEOUT: '40s' } });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
  expect(violations).toEqual([]);
});

async function push(name: string, run: string) {
  const repo = await slipway.github.createRepository('acme', name);
  const files = { Dockerfile: `FROM slipway-test/base:1\nRUN ${run}\n` };
  const sha = await repo.commit({ files, message: name });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  return { repo, sha };
}

const atStep = (sha: string, step: string) =>
  until(`step ${step}`, async () => {
    const build = await slipway.build(sha);
    return build?.step === step ? build : undefined;
  });

const ended = (sha: string) =>
  until(
    'the build ends',
    async () => {
      const build = await slipway.build(sha);
      return build?.finishedAt ? build : undefined;
    },
    90_000,
  );

const completed = (repo: { id: number }, sha: string) =>
  until(
    'the check is completed',
    () => slipway.github.checkRuns(repo, sha).find(({ status }) => status === 'completed'),
    60_000,
  );

test('Redis restarted in the middle of a build costs nothing', async () => {
  const { repo, sha } = await push('redis', 'sleep 6; echo restarted');
  await atStep(sha, 'build');
  await slipway.restartRedis();
  expect(await ended(sha)).toMatchObject({ state: 'succeeded' });
  expect((await completed(repo, sha)).conclusion).toBe('success');
});

test('a registry that is away during the push is tried again, and nothing is built twice', async () => {
  const { sha } = await push('registry', 'sleep 2; echo built once');
  await atStep(sha, 'build');
  await registry.stop();
  await atStep(sha, 'push');
  const { port } = new URL(registry.url);
  registry = await startRegistry({ folder: join(folder, 'registry'), port: Number(port) });
  const build = await ended(sha);
  expect(build).toMatchObject({ state: 'succeeded', attempt: 1 });
});

test('GitHub answering 502 for a while delays the check and nothing else', async () => {
  const fix = slipway.github.fault({
    match: ({ path }) => path.includes('check-runs'),
    status: 502,
  });
  const { repo, sha } = await push('away', 'echo away');
  expect(await ended(sha)).toMatchObject({ state: 'succeeded' });
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(0);
  fix();
  expect((await completed(repo, sha)).conclusion).toBe('success');
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(1);
});

test('a delivery survives the web process that took it', async () => {
  const { repo, sha } = await push('web', 'echo web');
  await end(slipway.processes.web, 'SIGKILL');
  slipway.processes.web = slipway.startWeb();
  await until('web is back', async () => (await fetch(`${slipway.url}/readyz`)).ok);
  expect(await ended(sha)).toMatchObject({ state: 'succeeded' });
  expect((await completed(repo, sha)).conclusion).toBe('success');
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(1);
});

test('a build that takes too long fails and says so', async () => {
  const { repo, sha } = await push('endless', 'sleep 600');
  const build = await ended(sha);
  expect(build).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('BUILD_TIMEOUT'),
  });
  expect((await completed(repo, sha)).conclusion).toBe('failure');
});

test('a queued build is cancelled at once, and its job is gone', async () => {
  for (const worker of slipway.processes.workers.splice(0)) await end(worker, 'SIGTERM');
  const { repo, sha } = await push('queued', 'echo never');
  const build = await until('it is queued', () => slipway.build(sha));
  const writer = slipway.github.user('will', { access: { 'acme/queued': 'write' } });
  const answer = await fetch(`${slipway.url}/api/builds/${build.id}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${writer.token}` },
  });
  expect(answer.status).toBe(202);
  expect(await ended(sha)).toMatchObject({ state: 'cancelled', attempt: 0, id: build.id });
  expect((await completed(repo, sha)).conclusion).toBe('cancelled');
});
