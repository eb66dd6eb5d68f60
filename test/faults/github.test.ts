import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { StoredBuild } from '../../queue/build-store.ts';
import { atStep, pushNew } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { expectFewWrites, inAllPhases } from './github-phases.ts';

jest.setTimeout(180_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ env: { CONCURRENCY: '4' } });
});
afterAll(() => slipway.stop());

/** Waits until everything has ended well, each build at its first attempt. */
async function expectAllWell(shas: string[]): Promise<StoredBuild[]> {
  const before = (await allBuilds(slipway)).filter(({ sha }) => !shas.includes(sha));
  const builds = await settled(slipway, before.length + shas.length);
  const own = builds.filter(({ sha }) => shas.includes(sha));
  expect(own.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(
    shas.map(() => 'succeeded 1'),
  );
  expectFewWrites(slipway, own);
  return own;
}

/** The API's requests that write checks. */
const isCheckWrite = ({ method, path }: { method: string; path: string }) =>
  method !== 'GET' && path.includes('/check-runs');

test('502 for everything, git too, for 20 s: every phase waits and goes on', async () => {
  const shas = await inAllPhases(slipway, 'down', 20_000, { match: () => true, status: 502 });
  await expectAllWell(shas);
  await expectNothingLeft(slipway);
});

test('a check that GitHub makes and answers 502, or cuts: one run all the same', async () => {
  const { github } = slipway;
  const isNew = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && path.endsWith('/check-runs');
  github.fault({ match: isNew, status: 502, applied: true, times: 1 });
  const first = await pushNew(slipway, 'made-502', 'echo made');
  await expectAllWell([first.sha]);
  github.fault({ match: isNew, drop: true, applied: true, times: 1 });
  const second = await pushNew(slipway, 'made-cut', 'echo made');
  await expectAllWell([second.sha]);
  for (const { sha } of [first, second]) expect(github.checkRuns(undefined, sha)).toHaveLength(1);
  await expectNothingLeft(slipway);
});

test('requests that are never answered are made again, and a second check is none', async () => {
  const { github } = slipway;
  const hang = (match: RegExp) => github.fault({ match, times: 1, until: new Promise(() => {}) });
  hang(/^GET \/repos\/acme\/hung-plan\/contents\/Dockerfile$/);
  hang(/^POST \/repos\/acme\/hung-check\/check-runs$/);
  hang(/^PATCH \/repos\/acme\/hung-end\/check-runs\//);
  const pushes = [];
  for (const name of ['hung-plan', 'hung-check', 'hung-end'])
    pushes.push(await pushNew(slipway, name, 'true'));
  await expectAllWell(pushes.map(({ sha }) => sha));
  for (const { sha } of pushes) expect(github.checkRuns(undefined, sha)).toHaveLength(1);
  await expectNothingLeft(slipway);
});

test('a secondary rate limit (403, 429) on checks is waited for as long as it says', async () => {
  const { github } = slipway;
  const limited = async (status: number): Promise<string> => {
    const name = `limited-${status}`;
    const isOwn = (one: { method: string; path: string }) =>
      isCheckWrite(one) && one.path.includes(`/${name}/`);
    const end = github.fault({ match: isOwn, status, headers: { 'retry-after': '6' } });
    const { sha } = await pushNew(slipway, name, 'sleep 2');
    const refused = () => github.requests.filter((one) => isOwn(one) && one.status === status);
    await until('a write is refused twice', () => refused().length === 2);
    end();
    const [first, second] = refused();
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(6_000);
    return sha;
  };
  await expectAllWell(await Promise.all([limited(403), limited(429)]));
  await expectNothingLeft(slipway);
});

test('a rate limit that is used up: GitHub is left alone until its reset', async () => {
  const { github } = slipway;
  const { repo, sha } = await pushNew(slipway, 'used-up', 'sleep 4');
  await atStep(slipway, sha, 'build');
  const reset = Math.floor(Date.now() / 1_000) + 10;
  const end = github.fault({
    match: ({ path }) => path.startsWith('/repos/acme/used-up'),
    status: 403,
    headers: {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(reset),
    },
    body: JSON.stringify({
      message: 'API rate limit exceeded for installation ID 1.',
      documentation_url: 'https://docs.github.com/rest',
    }),
  });
  await repo.push({ ref: 'refs/heads/other', after: sha });
  // Meanwhile others are not held up.
  const other = await pushNew(slipway, 'not-used-up', 'true');
  await expectSoon(other.sha);
  await until('the limit is reset', () => Date.now() > reset * 1_000);
  end();
  const builds = await settled(slipway, (await allBuilds(slipway)).length + 1);
  const own = builds.filter((build) => build.sha === sha);
  expect(own.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  const refused = github.requests.filter(
    ({ path, status }) => status === 403 && path.includes('used-up'),
  );
  // Two builds and a plan, each told once or twice.
  expect(refused.length).toBeLessThanOrEqual(8);
  expectFewWrites(slipway, own);
  await expectNothingLeft(slipway);
});

/** Expects that a build has ended and is shown within ten seconds. */
const expectSoon = (sha: string) =>
  until(
    'another owner’s build is shown',
    () =>
      slipway.github.checkRuns(undefined, sha).find(({ conclusion }) => conclusion === 'success'),
    10_000,
  );

test('no tokens (403, then 401) for 12 s: what needs one waits', async () => {
  const match = /access_tokens$/;
  slipway.github.fault({ match, status: 403, times: 2 });
  const shas = await inAllPhases(slipway, 'tokenless', 12_000, { match, status: 401 });
  await expectAllWell(shas);
  await expectNothingLeft(slipway);
});
