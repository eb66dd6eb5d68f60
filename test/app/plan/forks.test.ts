import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { planCommit } from '../../../app/plan/plan-commit.ts';
import { retryBuild } from '../../../app/plan/retry-build.ts';
import { changeBuild, getBuild } from '../../../queue/build-store.ts';
import { openPlanning } from './plan-text.ts';

let planning: Awaited<ReturnType<typeof openPlanning>>;
beforeAll(async () => {
  planning = await openPlanning();
});
afterAll(() => planning.close());

test.each([
  ['a fork gets no secret and no ssh agent', true, { secrets: [], ssh: [] }],
  ['a branch gets what its rule names', false, { secrets: ['token'], ssh: ['default'] }],
])('the pull request of %s', async (_, isFork, recipe) => {
  const { planner, repository, commit } = planning;
  const sha = await commit('images:\n  - secrets: [token]\n    ssh: [default]\n    target: run\n');
  const { ids } = await planCommit(planner, {
    ...{ repository, sha, ref: 'refs/pull/7/head', event: 'pull_request', before: null },
    ...{ baseRef: 'main', message: 'm', author: 'a', committedAt: new Date(0), pushedAt: 0 },
    ...{ forced: false, follows: null, pullRequest: { number: 7, isFork }, cache: true },
    cause: ['pull', String(isFork)],
  });
  expect(await getBuild(planner.store, String(ids[0]))).toMatchObject({
    recipe: { ...recipe, target: 'run' },
  });
});

test.each([
  ['a branch', 'refs/heads/main', 'push', null, true],
  ['a git tag', 'refs/tags/v1', 'push', null, true],
  ['a branch by hand', 'refs/heads/main', 'manual', null, true],
  ['a commit by its id, which may be a fork’s', '', 'manual', null, false],
  ['a pull request’s ref by hand', 'refs/pull/7/head', 'manual', null, false],
  ['a pull request', 'refs/pull/7/head', 'pull_request', { number: 7, isFork: false }, false],
  ['a fork’s pull request', 'refs/pull/7/head', 'pull_request', { number: 7, isFork: true }, false],
] as const)(
  'whom a file names is told of %s: %s',
  async (what, ref, event, pullRequest, notifies) => {
    const { planner, repository, commit } = planning;
    const target = '{ url: "https://ci.example.com" }';
    // Each case has a commit of its own.
    const sha = await commit(`images: [{ target: run }]\nnotify: [${target}] # ${what}\n`);
    const { ids } = await planCommit(planner, {
      ...{ repository, sha, ref, event, before: null, baseRef: 'main', message: 'm', author: 'a' },
      ...{ committedAt: new Date(0), pushedAt: 0, forced: false, follows: null, pullRequest },
      ...{ cache: true, cause: [ref, event, String(pullRequest?.isFork)] },
    });
    const build = (await getBuild(planner.store, String(ids[0])))!;
    expect(build.notifies).toBe(notifies);
    await changeBuild(planner.store, build.id, { to: 'cancelled' });
    const again = await retryBuild(planner, (await getBuild(planner.store, build.id))!, 'again');
    expect((await getBuild(planner.store, String(again)))?.notifies).toBe(notifies);
  },
);
