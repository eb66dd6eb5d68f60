import { afterAll, beforeAll, expect, test } from '@jest/globals';
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

/** A private repository, and a push to it that is not planned yet. */
async function pushed(name: string) {
  const repo = await planning.github.createRepository('acme', name, { private: true });
  const sha = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  return { repo, sha, push: await repo.push({ after: sha }) };
}

/** The next push to its main. */
async function pushedAgain(repo: Awaited<ReturnType<typeof pushed>>['repo']) {
  const sha = await repo.commit({ files: dockerfile('echo again'), branch: 'main' });
  return { sha, push: await repo.push({ after: sha }) };
}

/** GitHub answers so many requests as it does for a commit that has not come to all its machines. */
const notYet = (name: string, sha: string, times: number) =>
  planning.github.fault({
    ...{ match: new RegExp(`^GET /repos/acme/${name}/(contents|commits)/`), times, status: 404 },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: `No commit found for the ref ${sha}` }),
  });

test('a commit that GitHub does not know for a moment is planned after it', async () => {
  const { repo, sha, push } = await pushed('late');
  notYet('late', sha, 3);
  await expect(planning.planned(push)).rejects.toThrow(`commit ${sha} of acme/late is not there.`);
  expect(await planning.planned(push)).toMatch(/^Planned build/);
  expect(await planning.buildsOf(repo.id, sha)).toHaveLength(1);
});

test('a commit that comes to be known between two questions has its Dockerfile', async () => {
  const { sha, push } = await pushed('between');
  notYet('between', sha, 2);
  expect(await planning.planned(push)).toMatch(/^Planned build/);
});

test('a commit that GitHub never comes to know is asked for ten minutes', async () => {
  const { sha, push } = await pushed('never');
  const end = notYet('never', sha, 100);
  await expect(planning.planned(push, 590_000)).rejects.toThrow('is not there');
  expect(await planning.planned(push, 610_000)).toBe(
    `Nothing to do: commit ${sha} of acme/never is not there.`,
  );
  end();
});

test('the first push of a repository that is out of the App for a moment is found later', async () => {
  const { github, planned, swept, planFound, buildsOf } = planning;
  const { repo, sha, push } = await pushed('first');
  await github.removeRepository(repo);
  expect(await planned(push)).toBe(
    'Nothing to do: acme/first is gone, or the GitHub App is no longer installed on it.',
  );
  await planned(await github.addRepository(repo));
  expect(await swept(repo.id)).toBe(1);
  expect(await planFound()).toEqual([expect.stringMatching(/^Found by the sweep. Planned build/)]);
  expect(await swept(repo.id)).toBe(0);
  // As if GitHub sent it again.
  expect(await planned(push)).toMatch(/was planned already/);
  expect(await buildsOf(repo.id, sha)).toHaveLength(1);
});

test('a later push of such a repository, and what the sweep found of it', async () => {
  const { github, planned, swept, planFound, buildsOf } = planning;
  const { repo, push } = await pushed('later');
  await planned(push);
  await swept(repo.id);
  const { sha, push: later } = await pushedAgain(repo);
  await github.removeRepository(repo);
  expect(await planned(later)).toMatch(/^Nothing to do: acme\/later is gone/);
  await planned(await github.addRepository(repo));
  expect(await swept(repo.id)).toBe(1);
  await github.removeRepository(repo);
  expect(await planFound()).toEqual([expect.stringMatching(/^Nothing to do: acme\/later is gone/)]);
  await planned(await github.addRepository(repo));
  expect(await swept(repo.id)).toBe(1);
  expect(await planFound()).toEqual([expect.stringMatching(/^Found by the sweep. Planned build/)]);
  expect(await buildsOf(repo.id, sha)).toHaveLength(1);
});
