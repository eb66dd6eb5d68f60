import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getRepository } from '../../../queue/repositories.ts';
import { dockerfile } from '../../system/builds.ts';
import { openGitHubPlanning } from './github-planning.ts';

let planning: Awaited<ReturnType<typeof openGitHubPlanning>>;
beforeAll(async () => {
  planning = await openGitHubPlanning();
});
afterAll(async () => {
  await planning.close();
  expect(planning.github.violations).toEqual([]);
});

test.each([
  ['another push told of its new owner', true],
  ['only the transfer told of its new owner', false],
])(
  'a push that is heard of late leaves a repository that was given away where it is: %s',
  async (_, isPushed) => {
    const { github, planner, planned, buildsOf } = planning;
    const name = `given-${isPushed}`;
    const repo = await github.createRepository('acme', name, { private: true });
    const push = async (line: string) => {
      const sha = await repo.commit({ files: dockerfile(line), branch: 'main' });
      return { sha, delivery: await repo.push({ after: sha }) };
    };
    await planned((await push('echo a')).delivery);
    const late = await push('echo b');
    const moved = await github.transfer(repo, 'delta');
    await planned(moved);
    if (isPushed) await planned((await push('echo c')).delivery);
    expect(await planned(late.delivery)).toMatch(/^Planned build/);
    const present = { fullName: `delta/${name}`, installationId: github.install('delta').id };
    expect(await getRepository(planner.store, repo.id)).toMatchObject(present);
    const [build] = await buildsOf(repo.id, late.sha);
    expect(build).toMatchObject({ repo: `delta/${name}`, repository: present });
    // What comes after it counts again.
    await planned(await github.rename(repo, `${name}-and-renamed`));
    expect(await getRepository(planner.store, repo.id)).toMatchObject({
      fullName: `delta/${name}-and-renamed`,
    });
  },
);
