import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { git } from '../github/git.ts';
import { zeros } from '../github/git-read.ts';
import type { Repository } from '../github/repository.ts';
import {
  atStep,
  buildsOf,
  completed,
  digestOf,
  dockerfile,
  ended,
  pushNew,
} from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { bringIn } from './bring-in.ts';
import { holdGitHub } from './hold.ts';
import { outcomesOf } from './outcomes-of.ts';

jest.setTimeout(120_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ env: { CONCURRENCY: '3' } });
});
afterAll(() => slipway.stop());

/** Waits for the ends of all builds, and expects so many of a commit, each with a check of its own. */
async function expectBuilds(sha: string, count: number): Promise<void> {
  await ended(slipway, sha);
  await settled(slipway, 1);
  expect(await buildsOf(slipway, sha)).toHaveLength(count);
  expect(slipway.github.checkRuns(undefined, sha)).toHaveLength(count);
  await expectNothingLeft(slipway);
}

/** Whose digest a tag shows. */
async function expectShown(tag: string, sha: string): Promise<void> {
  const { image, digest } = await ended(slipway, sha);
  expect(digest).not.toBeNull();
  expect(await digestOf(String(image), tag)).toBe(digest);
}

const newRepository = (name: string): Promise<Repository> =>
  slipway.github.createRepository('acme', name);

test('one delivery five times at once makes one build', async () => {
  const repo = await newRepository('five-times');
  const sha = await repo.commit({ files: dockerfile('true') });
  const { guid } = await repo.push({ after: sha, times: 5 });
  const sent = slipway.github.deliveries.filter((one) => one.guid === guid);
  expect(sent.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202, 202, 202]);
  await expectBuilds(sha, 1);
});

test('one push in two deliveries makes one build', async () => {
  const repo = await newRepository('two-guids');
  const sha = await repo.commit({ files: dockerfile('true') });
  const { guid, payload } = await repo.push({ after: sha });
  const again = await Promise.all([0, 1].map(() => slipway.github.deliver('push', payload)));
  await outcomesOf(slipway, [guid, ...again.map((one) => one.guid)]);
  await expectBuilds(sha, 1);
});

test('a commit that is pushed again after the branch was elsewhere is built again', async () => {
  const repo = await newRepository('there-again');
  const older = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  const newer = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  const now = Date.now() - 60_000;
  for (const [turn, sha] of [older, newer, older, newer].entries()) {
    const pushedAt = now + turn * 5_000;
    const pushed = await repo.push({ after: sha, pushedAt, ...(turn === 0 && { before: zeros }) });
    // Each is told twice, which makes no more of it.
    const again = await slipway.github.deliver('push', pushed.payload);
    await outcomesOf(slipway, [pushed.guid, again.guid]);
    await settled(slipway, 1);
    await expectShown('main', sha);
  }
  await expectBuilds(newer, 2);
  await expectBuilds(older, 2);
});

test('of two pushes of which the newer is heard of first, the newer is shown', async () => {
  const { github } = slipway;
  const repo = await newRepository('out-of-order');
  const direct = github.webhookUrl;
  const older = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  github.webhookUrl = 'http://127.0.0.1:9/';
  const missed = await repo.push({ after: older });
  github.webhookUrl = direct;
  const newer = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  await repo.push({ after: newer });
  await ended(slipway, newer);
  await bringIn(slipway, missed);
  await expectBuilds(older, 1);
  await expectShown(older, older);
  for (const tag of ['main', 'latest']) await expectShown(tag, newer);
});

test('a branch forced, a branch deleted and a tag moved while a build runs', async () => {
  const { repo, sha: left } = await pushNew(slipway, 'moved', 'sleep 3; echo left');
  const tagged = await repo.commit({ files: dockerfile('sleep 3; echo tagged'), parent: left });
  await repo.pushTag('v1', { after: tagged });
  const branched = await repo.commit({ files: dockerfile('sleep 3; echo branch'), parent: left });
  await repo.push({ ref: 'refs/heads/short', after: branched });
  for (const sha of [left, tagged, branched]) await atStep(slipway, sha, 'build');
  const forced = await repo.commit({ files: dockerfile('echo forced'), parent: null });
  await repo.push({ after: forced });
  const retagged = await repo.commit({ files: dockerfile('echo retagged'), parent: null });
  await repo.pushTag('v1', { after: retagged });
  await repo.deleteBranch('short');
  for (const sha of [left, tagged, branched, forced, retagged]) {
    expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded', attempt: 1 });
    await expectShown(sha, sha);
  }
  await expectShown('main', forced);
  await expectShown('v1', retagged);
  // Its push was accepted while it was there, and Slipway takes no tag away.
  await expectShown('short', branched);
  await settled(slipway, 1);
  await expectNothingLeft(slipway);
});

test('a push of 2,048 commits is one build of the last', async () => {
  const repo = await newRepository('many');
  await repo.commit({ files: dockerfile('true'), branch: 'main' });
  await repo.push();
  const commits = Array.from({ length: 2_047 }, (_, n) => {
    const author = 'Alice <alice@users.noreply.github.example> 1767225600 +0000';
    return `commit refs/heads/main\ncommitter ${author}\ndata 4\n${String(n).padStart(4)}\n`;
  });
  const begin = 'reset refs/heads/main\nfrom refs/heads/main^0\n\n';
  await git(repo.folder, ['fast-import', '--quiet'], Buffer.from(begin + commits.join('')));
  const sha = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  const { payload } = await repo.push();
  expect(payload.commits).toHaveLength(2_048);
  await expectBuilds(sha, 1);
  await expectShown('main', sha);
});

test('a commit that is forced away and gone before it is fetched', async () => {
  const gone = async (name: string, meanwhile: (sha: string) => Promise<unknown>) => {
    const fetches = holdGitHub(slipway, new RegExp(`^GET /acme/${name}.git/`));
    const { repo, sha } = await pushNew(slipway, name, 'true');
    await fetches.reached;
    await meanwhile(sha);
    await repo.setRef('refs/heads/main', null);
    await git(repo.folder, ['gc', '--quiet', '--prune=now']);
    fetches.release();
    const build = await ended(slipway, sha);
    expect(build).toMatchObject({
      ...{ state: 'failed', attempt: 1 },
      reason: 'The commit or its repository is no longer there.',
    });
    return build;
  };
  const { id: seen } = await gone('gone', (sha) =>
    until('its check is there', () => slipway.github.checkRuns(undefined, sha).length === 1),
  );
  expect(await completed(slipway, seen)).toMatchObject({ conclusion: 'failure' });
  await expectNothingLeft(slipway);

  // No check can be made for a commit that GitHub no longer knows, nor is it tried for ever.
  const checks = holdGitHub(slipway, /^POST \/repos\/acme\/gone-unseen\/check-runs/);
  const { id } = await gone('gone-unseen', () => checks.reached);
  checks.release();
  await until('the refusal is known', async () => {
    const build = (await allBuilds(slipway)).find((one) => one.id === id);
    return build?.reported === 'failed 1';
  });
  expect(slipway.github.checkRuns().filter(({ externalId }) => externalId === id)).toEqual([]);
});
