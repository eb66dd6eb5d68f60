import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { keysUnder } from '../../queue/keys.ts';
import { closeQueues, enqueueSweep, openQueues, type Queues } from '../../queue/queues.ts';
import { connectForCommands } from '../../queue/redis.ts';
import type { Repository } from '../github/repository.ts';
import { dockerfile } from './builds.ts';
import { readMetrics } from './prometheus.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

const keys = keysUnder('slipway');
const hour = () => Math.floor(Date.now() / 3_600_000);
let slipway: Slipway;
let redis: ReturnType<typeof connectForCommands>;
let queues: Queues;

beforeAll(async () => {
  slipway = await startSlipway({ workers: 0, env: { CATCH_UP_BUDGET: '60' } });
  redis = connectForCommands(slipway.redisUrl, () => {});
  queues = openQueues(redis, keys);
});
afterAll(async () => {
  const { violations } = slipway.github;
  await closeQueues(queues);
  redis.disconnect();
  await slipway.stop();
  expect(violations).toEqual([]);
});

const metric = async (series: string) =>
  readMetrics(await (await fetch(`${slipway.url}/metrics`)).text()).get(series);

const listed = () =>
  slipway.github.requests
    .filter(({ path }) => path.includes('matching-refs/heads'))
    .map(({ path }) => /repos\/acme\/([^/]+)/.exec(path)?.[1]);

test('a sweep whose budget is spent goes on where it stopped', async () => {
  const repos: Repository[] = [];
  for (const n of [1, 2, 3, 4, 5, 6]) {
    const repo = await slipway.github.createRepository('acme', `r${n}`);
    const sha = await repo.commit({ files: dockerfile(`echo ${n}`), message: `r${n}` });
    await repo.push({ ref: 'refs/heads/main', after: sha });
    repos.push(repo);
  }
  for (const { id } of repos) {
    await until('its refs are known', () => redis.hexists(keys.heads(id), 'baseline'));
  }
  await until('everything was swept at the start', async () => {
    return ((await metric('slipway_sweep_success_timestamp_seconds')) ?? 0) > 0;
  });
  await until('no sweep is under way', async () => (await queues.sweeps.getActiveCount()) === 0);
  const shas: string[] = [];
  for (const repo of repos) {
    const sha = await repo.commit({ files: dockerfile('echo x'), message: 'missed' });
    await repo.setRef('refs/heads/main', sha);
    shas.push(sha);
  }
  const before = listed().length;
  // Installations, repositories, and of each repository two lists, itself, a commit, a comparison.
  await redis.hset(keys.calls('sweep', hour()), 'made', 60 - (2 + 3 * 5));
  await enqueueSweep(queues, 'everything');
  await until('it waits', async () => (await queues.sweeps.getDelayedCount()) === 1);
  await until('three are planned', async () => {
    const builds = await Promise.all(shas.map((sha) => slipway.build(sha)));
    return builds.filter(Boolean).length === 3;
  });
  expect(await metric('slipway_recovery_budget_left{by="sweep"}')).toBe(0);
  expect(listed().slice(before)).toEqual(['r1', 'r2', 'r3']);
  const [job] = await queues.sweeps.getDelayed();
  expect(job?.data).toEqual({ of: 'everything', done: repos[2]?.id });
  expect(job?.delay).toBeGreaterThan(0);

  await redis.del(keys.calls('sweep', hour()));
  const last = await metric('slipway_sweep_success_timestamp_seconds');
  await job?.promote();
  for (const sha of shas) await until('it is planned', () => slipway.build(sha));
  expect(listed().slice(before)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'r6']);
  await until('it is through', async () => {
    return ((await metric('slipway_sweep_success_timestamp_seconds')) ?? 0) > (last ?? 0);
  });
});
