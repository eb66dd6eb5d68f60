import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { bringIn } from '../faults/bring-in.ts';
import { zeros } from '../github/git-read.ts';
import type { Repository } from '../github/repository.ts';
import { atStep, buildsOf, completed, digestOf, dockerfile, ended } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ env: { CONCURRENCY: '2' } });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

test('an older push that finishes later keeps its own tag and takes no other', async () => {
  const repo = await slipway.github.createRepository('acme', 'race');
  const push = async (run: string) => {
    const sha = await repo.commit({ files: dockerfile(run), message: run });
    await repo.push({ ref: 'refs/heads/main', after: sha });
    return sha;
  };
  const older = await push('sleep 6; echo older > /which');
  await atStep(slipway, older, 'build');
  const newer = await push('echo newer > /which');
  const second = await ended(slipway, newer);
  expect(second).toMatchObject({ state: 'succeeded', tags: [newer, 'main', 'latest'] });
  expect(await slipway.build(older)).toMatchObject({ state: 'running' });

  const first = await ended(slipway, older);
  expect(first).toMatchObject({ state: 'succeeded', tags: [older] });
  expect(first.digest).not.toBe(second.digest);
  const image = String(first.image);
  expect(await digestOf(image, older)).toBe(first.digest);
  for (const tag of ['main', 'latest', newer]) {
    expect(await digestOf(image, tag)).toBe(second.digest);
  }
  for (const tag of ['main', 'latest']) {
    expect(first.reason).toContain(`${tag} stays at ${newer.slice(0, 7)}, which is newer.`);
  }
  const { title, summary } = await completed(slipway, first.id);
  expect(title).toContain(`main stays at ${newer.slice(0, 7)}`);
  expect(summary).not.toContain('`latest`');
  const log = await (await fetch(`${slipway.url}/api/builds/${first.id}/log`)).text();
  expect(log).toContain(`latest stays at ${newer.slice(0, 7)}`);
});

/** Commits three times to `main`, each on the one before, and pushes none. */
async function threeCommits(repo: Repository): Promise<[string, string, string]> {
  const commit = () => repo.commit({ files: dockerfile('true'), branch: 'main' });
  return [await commit(), await commit(), await commit()];
}

test('an older commit stays behind, even if GitHub took it later by its clock', async () => {
  const repo = await slipway.github.createRepository('acme', 'late');
  const [older, between, newer] = await threeCommits(repo);
  const now = Date.now();
  await repo.push({ after: newer, before: between, pushedAt: now });
  const second = await ended(slipway, newer);
  expect(second).toMatchObject({ state: 'succeeded', tags: [newer, 'main', 'latest'] });
  await repo.push({ after: older, before: zeros, pushedAt: now + 5_000 });
  const first = await ended(slipway, older);
  expect(first).toMatchObject({ state: 'succeeded', tags: [older] });
  for (const tag of ['main', 'latest'])
    expect(first.reason).toContain(`${tag} stays at ${newer.slice(0, 7)}, which is newer.`);
  expect(await digestOf(String(first.image), 'latest')).toBe(second.digest);
});

test('a branch that is set back on purpose takes its tags along, and goes on from there', async () => {
  const repo = await slipway.github.createRepository('acme', 'set-back');
  const [older, , newer] = await threeCommits(repo);
  const now = Date.now() - 60_000;
  await repo.push({ after: newer, pushedAt: now });
  await ended(slipway, newer);
  await repo.push({ after: older, pushedAt: now + 5_000 });
  const first = await ended(slipway, older);
  expect(first).toMatchObject({ state: 'succeeded', tags: [older, 'main', 'latest'] });
  for (const tag of ['main', 'latest'])
    expect(await digestOf(String(first.image), tag)).toBe(first.digest);
  const next = await repo.commit({ files: dockerfile('true'), parent: older });
  await repo.push({ after: next, pushedAt: now + 10_000 });
  expect(await ended(slipway, next)).toMatchObject({ tags: [next, 'main', 'latest'] });
});

test('of two pushes in one second the commit that follows on the other is shown', async () => {
  const repo = await slipway.github.createRepository('acme', 'second');
  const [older, between, newer] = await threeCommits(repo);
  const pushedAt = Math.floor(Date.now() / 1_000) * 1_000;
  // Heard of in the wrong order: only the history tells.
  await repo.push({ after: newer, before: between, pushedAt });
  const second = await ended(slipway, newer);
  expect(second).toMatchObject({ tags: [newer, 'main', 'latest'] });
  await repo.push({ after: older, before: zeros, pushedAt });
  const first = await ended(slipway, older);
  expect(first).toMatchObject({ state: 'succeeded', tags: [older] });
  expect(await digestOf(String(first.image), 'main')).toBe(second.digest);
});

test('a branch forced back to a commit keeps its tags, though the push between was missed', async () => {
  const { github } = slipway;
  const repo = await github.createRepository('acme', 'there-and-back');
  const now = Date.now() - 60_000;
  const here = await repo.commit({ files: dockerfile('echo here'), branch: 'main' });
  await repo.push({ after: here, pushedAt: now });
  const first = await ended(slipway, here);
  const there = await repo.commit({ files: dockerfile('echo there'), branch: 'main' });
  const direct = github.webhookUrl;
  github.webhookUrl = 'http://127.0.0.1:9/';
  const missed = await repo.push({ after: there, pushedAt: now + 5_000 });
  github.webhookUrl = direct;
  await repo.push({ after: here, pushedAt: now + 10_000 });
  const again = await until('it is built again', async () =>
    (await buildsOf(slipway, here)).find(
      ({ id, state }) => id !== first.id && state === 'succeeded',
    ),
  );
  expect(again).toMatchObject({ tags: [here, 'main', 'latest'] });
  await bringIn(slipway, missed);
  expect(await ended(slipway, there)).toMatchObject({ state: 'succeeded', tags: [there] });
  for (const tag of ['main', 'latest'])
    expect(await digestOf(String(again.image), tag)).toBe(again.digest);
});
