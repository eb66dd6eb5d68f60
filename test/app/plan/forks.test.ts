import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { planCommit } from '../../../app/plan/plan-commit.ts';
import { getBuild } from '../../../queue/build-store.ts';
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
