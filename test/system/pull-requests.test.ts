import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { buildsOf, digestOf, ended } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
const files = { Dockerfile: 'FROM slipway-test/base:1\nCOPY . /src\n' };

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

const checksOf = (sha: string, name: string) =>
  slipway.github.checkRuns().filter((run) => run.headSha === sha && run.name === name);

const completed = (sha: string, name: string) =>
  until(`the check ${name}`, () =>
    checksOf(sha, name).findLast(({ status }) => status === 'completed'),
  );

/** A repository whose default branch is built, and a fork of it with a pull request. */
async function forked(name: string) {
  const repo = await slipway.github.createRepository('acme', name);
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  await ended(slipway, sha);
  const fork = await slipway.github.fork(repo, 'stranger');
  const head = await fork.commit({ branch: 'fix', files: { ...files, [`${name}.txt`]: '1' } });
  const { pull } = await slipway.github.openPullRequest({ into: repo, from: fork, branch: 'fix' });
  return { repo, fork, head, pull };
}

test('a pull request is built without a push, and its check says what would be tagged', async () => {
  const repo = await slipway.github.createRepository('acme', 'pulled');
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  await ended(slipway, sha);
  const head = await repo.commit({ branch: 'topic', parent: sha, files: { a: '1' } });
  await slipway.github.openPullRequest({ into: repo, from: repo, branch: 'topic' });
  const build = await ended(slipway, head);
  expect(build).toMatchObject({
    ...{ state: 'succeeded', digest: null, tags: [], publish: false, ref: 'refs/pull/1/head' },
    wantedTags: [head, 'pr-1'],
    pullRequest: { number: 1, isFork: false },
  });
  expect(await digestOf(String(build.image), head)).toBeNull();
  const check = await completed(head, 'slipway / image');
  expect(check.conclusion).toBe('success');
  expect(check.summary).toContain('Would be tagged');
  expect(check.summary).toContain('pr-1');
});

test('a pull request whose branch was pushed is built once', async () => {
  const repo = await slipway.github.createRepository('acme', 'once');
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const head = await repo.commit({ branch: 'topic', parent: sha, files: { a: '1' } });
  await repo.push({ ref: 'refs/heads/topic', after: head });
  await ended(slipway, head);
  const { delivery } = await slipway.github.openPullRequest({
    ...{ into: repo, from: repo, branch: 'topic' },
  });
  expect(delivery.statusCode).toBe(202);
  const later = await repo.commit({ branch: 'other', parent: sha, files: { b: '1' } });
  await repo.push({ ref: 'refs/heads/other', after: later });
  await ended(slipway, later);
  expect(await buildsOf(slipway, head)).toHaveLength(1);
});

test('nothing of a fork runs until somebody who may write lets that very commit', async () => {
  const { repo, fork, head, pull } = await forked('forked');
  const waiting = await completed(head, 'slipway / approval');
  expect(waiting).toMatchObject({ conclusion: 'action_required' });
  expect(waiting.actions).toMatchObject([{ identifier: 'approve' }]);
  slipway.github.user('rita', { access: { 'acme/forked': 'read' } });
  slipway.github.user('will', { access: { 'acme/forked': 'write' } });
  await slipway.github.requestAction(waiting, 'approve', { sender: 'rita' });
  await slipway.github.requestAction(waiting, 'approve', { sender: 'stranger' });
  const next = await fork.commit({ branch: 'fix', files: { ...files, 'forked.txt': '2' } });
  await slipway.github.updatePullRequest(pull, 'synchronize');
  const again = await completed(next, 'slipway / approval');
  // The old commit's button is no leave for the new one, nor for the old one any more.
  await slipway.github.requestAction(waiting, 'approve', { sender: 'will' });
  const sha = await repo.commit({ branch: 'main', files: { later: '1' } });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  await ended(slipway, sha);
  expect(await buildsOf(slipway, head)).toEqual([]);
  expect(await buildsOf(slipway, next)).toEqual([]);
  await slipway.github.requestAction(again, 'approve', { sender: 'will' });
  const build = await ended(slipway, next);
  expect(build).toMatchObject({
    ...{ state: 'succeeded', digest: null, publish: false },
    pullRequest: { number: 1, isFork: true },
  });
  expect((await completed(next, 'slipway / image')).conclusion).toBe('success');
  const approved = await until('the approval is told', () =>
    checksOf(next, 'slipway / approval').find(({ conclusion }) => conclusion === 'success'),
  );
  expect(approved.title).toContain('will');
  expect(await buildsOf(slipway, head)).toEqual([]);
});
