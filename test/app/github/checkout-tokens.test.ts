import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getRepository } from '../../../queue/repositories.ts';
import { dockerfile } from '../../system/builds.ts';
import { openGitHubPlanning } from '../plan/github-planning.ts';

let planning: Awaited<ReturnType<typeof openGitHubPlanning>>;
beforeAll(async () => {
  planning = await openGitHubPlanning();
});
afterAll(() => planning.close());

test('a token is given to other builds of its repository, until that belongs to another', async () => {
  const { github, planner, planned } = planning;
  const repo = await github.createRepository('acme', 'given', { private: true });
  const sha = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  await planned(await repo.push({ after: sha }));
  const token = async () => {
    const repository = await getRepository(planner.store, repo.id);
    if (!repository) throw new Error('it is not known');
    const wish = { submodulesOf: null, isAnew: false };
    return (await planner.forge.grantCheckout(repository, wish)).token;
  };
  const first = await token();
  expect(await token()).toBe(first);
  await planned(await github.transfer(repo, 'delta'));
  const second = await token();
  expect(second).not.toBe(first);
  expect(await token()).toBe(second);
});
