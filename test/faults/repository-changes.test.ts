import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Repository } from '../github/repository.ts';
import { atStep, digestOf, dockerfile } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { holdGitHub } from './hold.ts';

jest.setTimeout(120_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ env: { CONCURRENCY: '3' } });
});
afterAll(() => slipway.stop());

/** Pushes to a new repository, changes it while its build runs a RUN, and answers the commit. */
async function changedWhileBuilding(
  fullName: string,
  change: (repo: Repository) => Promise<unknown>,
): Promise<string> {
  const { repo, sha } = await pushTo(fullName, 'sleep 3; echo done');
  await atStep(slipway, sha, 'build');
  await change(repo);
  return sha;
}

/** Pushes to a new repository, and changes it before anything of it is fetched. */
async function changedBeforeCheckout(
  fullName: string,
  change: (repo: Repository) => Promise<unknown>,
): Promise<string> {
  const fetches = holdGitHub(slipway, /\/access_tokens .*"repository_ids"/);
  const { repo, sha } = await pushTo(fullName, 'echo done');
  await fetches.reached;
  await change(repo);
  fetches.release();
  return sha;
}

async function pushTo(fullName: string, run: string) {
  const [owner, name] = fullName.split('/') as [string, string];
  const repo = await slipway.github.createRepository(owner, name);
  const sha = await repo.commit({ files: dockerfile(run) });
  await repo.push({ after: sha });
  return { repo, sha };
}

const recordOf = async (sha: string) => (await allBuilds(slipway)).find((one) => one.sha === sha);

const recordAtEnd = (sha: string) =>
  until(
    'the build has ended',
    async () => {
      const build = await recordOf(sha);
      return build?.finishedAt ? build : undefined;
    },
    60_000,
  );

test('a repository that is renamed, given away or hidden while its build runs', async () => {
  const { github } = slipway;
  const shas = await Promise.all([
    changedWhileBuilding('acme/renamed', (repo) => github.rename(repo, 'now-renamed')),
    changedWhileBuilding('acme/given', (repo) => github.transfer(repo, 'beta')),
    changedWhileBuilding('acme/hidden', (repo) => github.privatize(repo)),
  ]);
  const builds = await settled(slipway, 3);
  for (const sha of shas) {
    const build = builds.find((one) => one.sha === sha);
    expect(build).toMatchObject({ state: 'succeeded', attempt: 1 });
    // The image goes where it was to go when the push was planned.
    expect(build?.image.split('/').slice(1).join('/')).toBe(build?.repo);
    expect(await digestOf(String(build?.image), 'main')).toBe(build?.digest);
  }
  expect(await slipway.build(shas[2]!)).toBeUndefined();
  await expectNothingLeft(slipway);
});

test('a repository that is renamed or given away before its commit is fetched', async () => {
  const { github } = slipway;
  const before = (await allBuilds(slipway)).length;
  const renamed = await changedBeforeCheckout('acme/early', (repo) => github.rename(repo, 'late'));
  const given = await changedBeforeCheckout('acme/early-given', (r) => github.transfer(r, 'beta'));
  for (const sha of [renamed, given])
    expect(await recordAtEnd(sha)).toMatchObject({ state: 'succeeded' });
  await settled(slipway, before + 2);
  await expectNothingLeft(slipway);
});

test('an installation that is suspended while a build runs: the check follows once it is back', async () => {
  const { github } = slipway;
  const before = (await allBuilds(slipway)).length;
  const installation = github.install('gamma');
  const sha = await changedWhileBuilding('gamma/suspended', () => github.suspend(installation));
  expect(await recordAtEnd(sha)).toMatchObject({
    state: 'cancelled',
    reason: 'The GitHub App’s installation was suspended.',
  });
  await github.unsuspend(installation);
  await settled(slipway, before + 1);
  await expectNothingLeft(slipway);
});

test('a repository that is deleted, of which GitHub says nothing: its builds end', async () => {
  const { github } = slipway;
  const remove = async (repo: Repository) => github.deleteRepository(repo);
  const building = await changedWhileBuilding('acme/deleted', remove);
  const build = await recordAtEnd(building);
  expect(build).toMatchObject({ state: 'succeeded' });
  expect(await digestOf(build.image, 'main')).toBe(build.digest);
  const fetching = await changedBeforeCheckout('acme/deleted-early', remove);
  expect(await recordAtEnd(fetching)).toMatchObject({
    state: 'cancelled',
    reason: 'acme/deleted-early is gone, or the GitHub App is no longer installed on it.',
    attempt: 1,
  });
});
