import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { freePort } from '../../bin/embedded/free-port.ts';
import { keysUnder } from '../../queue/keys.ts';
import { dockerfile } from '../system/builds.ts';
import { end, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft } from './aftermath.ts';
import { type Hold, holdGitHub } from './hold.ts';

jest.setTimeout(120_000);

const keys = keysUnder('slipway');
let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await slipway.stop();
});

/**
 * Puts web to sleep while it waits for GitHub with a first report, and lets another report the build
 * until its end. A push of a while ago is one whose check GitHub is asked for before it is made.
 */
async function reportedByAnother(name: string, pushedAt: number, asked: Hold) {
  const { github } = slipway;
  const repo = await github.createRepository('acme', name);
  const sha = await repo.commit({ files: dockerfile('true') });
  await repo.push({ after: sha, pushedAt });
  await asked.reached;
  const asleep = slipway.processes.web;
  asleep.child.kill('SIGSTOP');
  return { repo, sha, asleep, another: slipway.startWeb({ PORT: String(await freePort()) }) };
}

const recordOf = async (sha: string) => (await allBuilds(slipway)).find((one) => one.sha === sha);

test('web asleep before it makes a check that another has made: it makes none', async () => {
  const { github } = slipway;
  const asked = holdGitHub(slipway, /^GET \/repos\/acme\/asked\/commits\/\w+\/check-runs/);
  const { repo, sha, asleep, another } = await reportedByAnother(
    'asked',
    Date.now() - 60_000,
    asked,
  );
  asked.release();
  await until('the end is shown', () =>
    github.checkRuns(repo, sha).some(({ status }) => status === 'completed'),
  );
  asleep.child.kill('SIGCONT');
  await until('it has tried again', async () => (await redis.zcard(keys.dueReports)) === 0);
  await expectNothingLeft(slipway);
  expect(await recordOf(sha)).toMatchObject({ state: 'succeeded', reported: 'succeeded 1' });
  await end(another, 'SIGTERM');
});

test('web asleep while GitHub makes a check that another makes too: both are completed', async () => {
  const { github } = slipway;
  const asked = holdGitHub(slipway, /^POST \/repos\/acme\/made\/check-runs .*"queued"/);
  const { repo, sha, asleep, another } = await reportedByAnother('made', Date.now(), asked);
  const shown = () => github.checkRuns(repo, sha).map(({ status }) => status);
  await until('the end is shown', () => shown().includes('completed'));
  const { id = '' } = (await recordOf(sha)) ?? {};
  // What the other does a minute after the end finds nothing yet.
  await until('it is to be looked at', async () => (await redis.zrem(keys.dueChecks, id)) === 1);
  asked.release();
  await until('there is a second', () => shown().length === 2);
  asleep.child.kill('SIGCONT');
  const due = () => redis.zscore(keys.dueChecks, id);
  await until('it is to be looked at again', async () => (await due()) !== null);
  expect(await recordOf(sha)).toMatchObject({ state: 'succeeded', reported: 'succeeded 1' });
  await redis.zadd(keys.dueChecks, Date.now(), id);
  await until('both are completed', () => shown().every((status) => status === 'completed'));
  await end(another, 'SIGTERM');
});
