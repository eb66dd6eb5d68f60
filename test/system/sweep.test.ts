import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import type { Repository } from '../github/repository.ts';
import { buildsOf, dockerfile } from './builds.ts';
import { readMetrics } from './prometheus.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

const keys = keysUnder('slipway');
const main = 'refs/heads/main';
let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway({ workers: 0 });
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  const { violations } = slipway.github;
  redis.disconnect();
  await slipway.stop();
  expect(violations).toEqual([]);
});

const newCommit = (repo: Repository, message: string, branch = 'main') =>
  repo.commit({ branch, files: dockerfile(`echo ${message}`), message });

/** A repository whose main was pushed, and whose refs were taken down as they were then. */
async function pushed(name: string, before?: (repo: Repository) => Promise<unknown>) {
  const repo = await slipway.github.createRepository('acme', name);
  const sha = await newCommit(repo, name);
  await before?.(repo);
  await repo.push({ ref: main, after: sha });
  await until('its refs are known', () => redis.hexists(keys.heads(repo.id), 'baseline'));
  return { repo, sha };
}

const sweepNow = (repo: Repository, access: 'read' | 'write' = 'write') => {
  const { token } = slipway.github.user(`w-${access}`, { access: { [repo.fullName]: access } });
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${slipway.url}/api/repos/${repo.fullName}/sweep`, { method: 'POST', headers });
};

const metric = async (series: string) =>
  readMetrics(await (await fetch(`${slipway.url}/metrics`)).text()).get(series) ?? 0;

/** Sweeps a repository and waits until that and all planning has ended. */
async function swept(repo: Repository) {
  const before = await metric('slipway_sweep_repositories_total');
  expect((await sweepNow(repo)).status).toBe(202);
  await until('it is swept', async () => {
    return (await metric('slipway_sweep_repositories_total')) > before;
  });
  await until('all is planned', async () => {
    const states = ['waiting', 'active', 'delayed'].flatMap((state) =>
      ['pushes', 'sweeps'].map((queue) => `bullmq_job_count{queue="${queue}",state="${state}"}`),
    );
    const counts = await Promise.all(states.map(metric));
    return counts.every((count) => count === 0);
  });
}

const refsOf = async (sha: string) =>
  (await buildsOf(slipway, sha)).map(({ ref }) => String(ref)).sort();

test('five tags of which GitHub tells nothing are built, annotated ones at their commit', async () => {
  const { repo, sha } = await pushed('tags');
  for (const n of [1, 2, 3, 4, 5]) {
    const at = await repo.tag(`v${n}`, sha, { annotated: n > 3 });
    await repo.setRef(`refs/tags/v${n}`, at);
  }
  await swept(repo);
  const tags = [1, 2, 3, 4, 5].map((n) => `refs/tags/v${n}`);
  expect(await refsOf(sha)).toEqual([main, ...tags]);
  await swept(repo);
  expect(await refsOf(sha)).toEqual([main, ...tags]);
  expect(await metric('slipway_sweep_refs_missed_total')).toBe(5);
});

test('what was there before the first push that Slipway saw is left alone', async () => {
  let old = '';
  const { repo, sha } = await pushed('old', async (one) => {
    old = await newCommit(one, 'old', 'long-ago');
    await one.tag('v0', old);
  });
  await swept(repo);
  expect(await refsOf(old)).toEqual([]);
  expect(await refsOf(sha)).toEqual([main]);
  const strange = await slipway.github.createRepository('acme', 'never-pushed');
  const unbuilt = await newCommit(strange, 'never');
  expect((await sweepNow(strange)).status).toBe(409);
  expect(await refsOf(unbuilt)).toEqual([]);
});

test('a webhook that comes after the sweep makes no second build, nor does one of a push between', async () => {
  const { repo, sha: first } = await pushed('late');
  const second = await newCommit(repo, 'second');
  const third = await newCommit(repo, 'third');
  await repo.setRef(main, third);
  await swept(repo);
  const [build] = await buildsOf(slipway, third);
  expect(build).toMatchObject({ ref: main, message: 'third', author: 'Alice' });
  const pushedAt = Date.now() - 5_000;
  await repo.push({ ref: main, before: second, after: third, pushedAt });
  await repo.push({ ref: main, before: first, after: second, pushedAt: pushedAt - 1_000 });
  await until('the second is planned', () => slipway.build(second));
  await repo.setRef(main, third);
  await swept(repo);
  expect(await refsOf(second)).toEqual([main]);
  expect(await buildsOf(slipway, third)).toHaveLength(1);
});

test('a branch that went back by force to a commit that was swept, and forth, is built again', async () => {
  const { repo, sha: first } = await pushed('forth');
  const second = await newCommit(repo, 'second');
  await repo.setRef(main, second);
  await swept(repo);
  await repo.push({ ref: main, before: second, after: first, pushedAt: Date.now() + 2_000 });
  await repo.push({ ref: main, before: first, after: second, pushedAt: Date.now() + 4_000 });
  await until('it is planned', async () => (await buildsOf(slipway, second)).length === 2);
  await swept(repo);
  expect(await buildsOf(slipway, second)).toHaveLength(2);
});

test('a branch that is gone, or that moves on while it is swept, is not built where it was', async () => {
  const { repo } = await pushed('gone');
  const gone = await newCommit(repo, 'gone', 'off');
  const stale = await newCommit(repo, 'stale');
  const fresh = await newCommit(repo, 'fresh');
  await repo.setRef('refs/heads/off', gone);
  await repo.setRef(main, stale);
  const moved = new AbortController();
  slipway.github.fault({
    match: ({ path }) => {
      if (!path.endsWith(`/commits/${stale}`)) return false;
      const move = Promise.all([repo.setRef(main, fresh), repo.setRef('refs/heads/off', null)]);
      move.then(() => moved.abort());
      return true;
    },
    times: 1,
    until: moved.signal,
  });
  await swept(repo);
  await until('the fresh one is planned', () => slipway.build(fresh));
  expect(await refsOf(stale)).toEqual([]);
  expect(await refsOf(gone)).toEqual([]);
});

test('an installation that is let in again is swept at once', async () => {
  const { repo } = await pushed('suspended');
  const installation = slipway.github.install('acme');
  await slipway.github.suspend(installation);
  const sha = await newCommit(repo, 'meanwhile');
  await repo.setRef(main, sha);
  await slipway.github.unsuspend(installation);
  await until('it is planned', () => slipway.build(sha));
  await slipway.github.removeRepository(repo);
  const later = await newCommit(repo, 'later');
  await repo.setRef(main, later);
  await slipway.github.addRepository(repo);
  await until('it is planned', () => slipway.build(later));
});

test('a sweep by hand needs write access, and a mark in the message counts', async () => {
  const { repo } = await pushed('by-hand');
  expect((await sweepNow(repo, 'read')).status).toBe(403);
  const anonymous = await fetch(`${slipway.url}/api/repos/acme/by-hand/sweep`, { method: 'POST' });
  expect(anonymous.status).toBe(401);
  const skipped = await newCommit(repo, '[skip ci]');
  await repo.setRef(main, skipped);
  await swept(repo);
  expect(await refsOf(skipped)).toEqual([]);
  const asked = () => slipway.github.requests.filter(({ path }) => path.includes('matching-refs'));
  const before = asked().length;
  await swept(repo);
  await sleep(100);
  expect(asked().length - before).toBe(2);
});

test('a record of refs that is younger than the builds takes what is newer than they are', async () => {
  const { repo } = await pushed('upgraded');
  const old = await newCommit(repo, 'old-tag', 'elsewhere');
  await redis.del(keys.heads(repo.id));
  const builds = await redis.zrange(keys.buildsOf(repo.id), 0, '-1');
  for (const id of builds) await redis.hset(keys.build(id), 'pushedAt', '1000');
  await repo.setRef('refs/tags/v1', old);
  await swept(repo);
  await until('it is planned', async () => (await refsOf(old)).includes('refs/tags/v1'));
});
