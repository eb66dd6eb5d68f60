import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { getBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import type { Delivery } from '../github/records.ts';
import { atStep, buildsOf, completed, ended, pushNew } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
let redis: Redis;
const keys = keysUnder('slipway');

beforeAll(async () => {
  slipway = await startSlipway({ env: { CONCURRENCY: '1' } });
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** The newest build of a commit, once there are so many and all have ended. */
const allEnded = (sha: string, count: number) =>
  until(
    `${count} builds have ended`,
    async () => {
      const builds = await buildsOf(slipway, sha);
      const all = builds.length === count && builds.every(({ finishedAt }) => finishedAt);
      return all ? builds[0] : undefined;
    },
    60_000,
  );

/** What the record of a delivery says became of it. */
const outcomeOf = ({ guid }: Delivery): Promise<string> =>
  until('the delivery is dealt with', async () => {
    const outcome = await redis.hget(keys.delivery(guid), 'outcome');
    return outcome === 'Waiting to be planned.' ? undefined : (outcome ?? undefined);
  });

const checkOf = (repo: { id: number }) => slipway.github.checkRuns(repo)[0];

test('Re-run of a check and of all checks builds the same commit again, as a new check', async () => {
  const { repo, sha } = await pushNew(slipway, 'again', 'echo again');
  const first = await ended(slipway, sha);
  const run = await completed(slipway, first.id);
  const guid = '0a1b2c3d-0000-4000-8000-000000000001';
  await slipway.github.rerequest(run, { guid, times: 3 });
  const second = await allEnded(sha, 2);
  expect(second).toMatchObject({ state: 'succeeded', sha, ref: first.ref, retryOf: first.id });
  expect(second.digest).toMatch(/^sha256:/);
  const rerun = await completed(slipway, second.id);
  expect(rerun).toMatchObject({ conclusion: 'success', name: run.name });
  expect(rerun.id).not.toBe(run.id);

  await slipway.github.rerequestSuite(rerun);
  const third = await allEnded(sha, 3);
  expect(third).toMatchObject({ state: 'succeeded', sha, retryOf: second.id });
  await completed(slipway, third.id);
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(3);
});

test('Rebuild without cache builds the same commit again, once, and Re-run uses caches as ever', async () => {
  const { repo, sha } = await pushNew(slipway, 'afresh', 'echo afresh');
  const first = await ended(slipway, sha);
  const run = await completed(slipway, first.id);
  expect(run.actions).toMatchObject([{ label: 'Rebuild w/o cache', identifier: 'rebuild' }]);
  const guid = '0a1b2c3d-0000-4000-8000-000000000002';
  const pressed = await slipway.github.requestAction(run, 'rebuild', {
    ...{ sender: 'bob', guid, times: 3 },
  });
  const second = await allEnded(sha, 2);
  expect(second).toMatchObject({ state: 'succeeded', sha, ref: first.ref, retryOf: first.id });
  expect(await outcomeOf(pressed)).toBe(
    `Build ${second.id} repeats ${first.id} without cache for bob.`,
  );
  const rebuilt = await completed(slipway, second.id);
  await slipway.github.rerequest(rebuilt);
  const third = await allEnded(sha, 3);
  await completed(slipway, third.id);
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(3);
  const recipes = [first, second, third].map(async ({ id }) => {
    return (await getBuild({ redis, keys }, id))?.recipe.cache;
  });
  expect(await Promise.all(recipes)).toEqual([true, false, true]);
});

test('a build that no worker began has no button to build it without cache', async () => {
  const repo = await slipway.github.createRepository('acme', 'mistaken');
  const files = { Dockerfile: 'FROM scratch\n', '.github/slipway.yml': 'images: 1\n' };
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const run = await completed(slipway, (await ended(slipway, sha)).id);
  expect(run).toMatchObject({ conclusion: 'failure', actions: [] });
});

test('the Cancel button stops the running build and the one that waits behind it', async () => {
  const running = await pushNew(slipway, 'runs', 'echo begun; sleep 600');
  const { id } = await atStep(slipway, running.sha, 'build');
  const waiting = await pushNew(slipway, 'waits', 'echo never');
  const queued = await until('its check is there', () => checkOf(waiting.repo));
  expect(queued).toMatchObject({ status: 'queued', actions: [{ identifier: 'cancel' }] });
  await slipway.github.requestAction(queued, 'cancel', { sender: 'bob' });
  expect(await ended(slipway, waiting.sha)).toMatchObject({
    state: 'cancelled',
    attempt: 0,
    reason: 'Cancelled by bob.',
  });
  expect(await completed(slipway, queued.externalId)).toMatchObject({
    conclusion: 'cancelled',
    actions: [],
  });

  const run = await until('its check runs', () => {
    const check = checkOf(running.repo);
    return check?.status === 'in_progress' ? check : undefined;
  });
  expect(run.actions).toMatchObject([{ identifier: 'cancel' }]);
  const early = await slipway.github.requestAction(run, 'rebuild', { sender: 'bob' });
  expect(await outcomeOf(early)).toBe(`Nothing to do: ${id} has not ended.`);
  await slipway.github.requestAction(run, 'cancel', { sender: 'bob' });
  expect(await ended(slipway, running.sha)).toMatchObject({
    state: 'cancelled',
    attempt: 1,
    reason: 'Cancelled by bob.',
  });
  expect((await completed(slipway, id)).conclusion).toBe('cancelled');
  expect(slipway.github.checkRuns(running.repo)).toHaveLength(1);
});

test('buttons of another repository’s build, of none and of an ended one change nothing', async () => {
  const { repo, sha } = await pushNew(slipway, 'stays', 'echo stays');
  const run = await completed(slipway, (await ended(slipway, sha)).id);
  const build = await until('its record knows the check', async () => {
    const [found] = await buildsOf(slipway, sha);
    return found?.checkRunId ? found : undefined;
  });
  const stranger = await pushNew(slipway, 'stranger', 'echo stranger');
  const other = await completed(slipway, (await ended(slipway, stranger.sha)).id);
  await slipway.github.requestAction(run, 'cancel');
  await slipway.github.requestAction({ ...other, externalId: build.id }, 'rebuild');
  await slipway.github.rerequest({ ...other, externalId: build.id });
  await slipway.github.rerequest({ ...other, externalId: 'nobody-knows-it' });
  const last = await slipway.github.requestAction(run, 'dance');
  expect(last.statusCode).toBe(202);
  await pushNew(slipway, 'after', 'echo after').then(({ sha: after }) => ended(slipway, after));
  expect(await buildsOf(slipway, sha)).toEqual([build]);
  expect(await buildsOf(slipway, stranger.sha)).toHaveLength(1);
  expect(slipway.github.checkRuns(repo)).toHaveLength(1);
});
