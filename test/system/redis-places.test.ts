import { readFile } from 'node:fs/promises';
import { expect, jest, test } from '@jest/globals';
import { atStep, completed, dockerfile, ended, pushNew } from './builds.ts';
import { startCluster, startSentinel, startTls, startWithUser } from './redis-servers.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

/** Runs a Slipway on a Redis, and stops both. */
async function on(
  redis: { url: string; stop: () => Promise<void> },
  env: Record<string, string>,
  work: (slipway: Slipway) => Promise<void>,
): Promise<void> {
  const slipway = await startSlipway({ env: { ...env, REDIS_URL: redis.url } });
  try {
    await work(slipway);
    expect(slipway.github.violations).toEqual([]);
  } finally {
    await slipway.stop();
    await redis.stop();
  }
}

async function expectBuilt(slipway: Slipway, sha: string): Promise<void> {
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ state: 'succeeded', digest: expect.stringContaining('sha256:') });
  expect((await completed(slipway, build.id)).conclusion).toBe('success');
  const log = await (await fetch(`${slipway.url}/api/builds/${build.id}/log`)).text();
  expect(log).toContain('afloat');
}

/** The commands in docs/redis.md that make a user: on servers, and on Sentinels. */
const page = await readFile(new URL('../../../docs/redis.md', import.meta.url), 'utf8');
const [onServers = [], onSentinels = []] = [...page.matchAll(/ACL SETUSER (?:.*\\\n)*.*/g)].map(
  ([text]) => text.replaceAll('\\\n', ' ').split(/\s+/),
);

test('a push is built on a Redis Cluster, by a user who may do what docs/redis.md says', async () => {
  const redis = await startCluster([...onServers, '+cluster|slots', '+cluster|info']);
  await on(redis, {}, async (slipway) => {
    const { sha } = await pushNew(slipway, 'cluster', 'echo afloat');
    await expectBuilt(slipway, sha);
    expect(await redis.refused()).toBe('');
  });
});

test('a push is built on a Redis over TLS, by the authority that Node.js is told', async () => {
  const redis = await startTls();
  await on(redis, { NODE_EXTRA_CA_CERTS: redis.authority }, async (slipway) => {
    const { sha } = await pushNew(slipway, 'tls', 'echo afloat');
    await expectBuilt(slipway, sha);
  });
});

test('a push is built by a user who may do no more than docs/redis.md says', async () => {
  const redis = await startWithUser(onServers);
  await on(redis, {}, async (slipway) => {
    const { sha } = await pushNew(slipway, 'acl', 'echo afloat');
    await expectBuilt(slipway, sha);
    expect(await redis.refused()).toBe('');
  });
});

test('a build outlives the master that is killed, and the next push is built on its replica', async () => {
  const redis = await startSentinel(onSentinels);
  await on(redis, {}, async (slipway) => {
    const { repo, sha } = await pushNew(slipway, 'sentinel', 'sleep 4; echo afloat');
    await atStep(slipway, sha, 'build');
    redis.master.kill('SIGKILL');
    await expectBuilt(slipway, sha);
    const next = await repo.commit({ files: dockerfile('echo afloat'), message: 'next' });
    await until('web is ready', async () => (await fetch(`${slipway.url}/readyz`)).ok);
    await repo.push({ ref: 'refs/heads/main', after: next });
    await expectBuilt(slipway, next);
  });
});
