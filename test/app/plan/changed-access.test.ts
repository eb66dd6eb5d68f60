import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { reportBuild } from '../../../app/report/report.ts';
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

/** A private repository with a build that waits, and how that is now. */
async function waiting(owner: string, name: string) {
  const { github, planned, buildsOf } = planning;
  const installation = github.install(owner);
  const repo = await github.createRepository(owner, name, { private: true });
  const sha = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  await planned(await repo.push({ after: sha }));
  const build = async () => {
    const [found] = await buildsOf(repo.id, sha);
    if (!found) throw new Error('there is no build');
    return found;
  };
  return { installation, repo, sha, build };
}

test('a suspension that is over when it is heard of ends no build, one that lasts does', async () => {
  const { github, planned } = planning;
  const { installation, build } = await waiting('gamma', 'suspended');
  const suspended = await github.suspend(installation);
  await github.unsuspend(installation);
  expect(await planned(suspended)).toMatch(/ 0 builds were cancelled/);
  expect(await build()).toMatchObject({ state: 'queued' });
  expect(await planned(await github.suspend(installation))).toMatch(/ 1 builds were cancelled/);
  expect(await build()).toMatchObject({ state: 'cancelled' });
});

test('a repository that is in the App again when its removal is heard of goes on', async () => {
  const { github, planned } = planning;
  const { repo, build } = await waiting('acme', 'removed');
  const removed = await github.removeRepository(repo);
  await github.addRepository(repo);
  await planned(removed);
  expect(await build()).toMatchObject({ state: 'queued' });
  await planned(await github.removeRepository(repo));
  expect(await build()).toMatchObject({ state: 'cancelled' });
});

test('an App that is uninstalled and installed again is swept at once', async () => {
  const { github, planner, planned, swept } = planning;
  const { installation, repo, build } = await waiting('epsilon', 'again');
  await swept(repo.id);
  await planned(await github.uninstall(installation));
  expect(await build()).toMatchObject({ state: 'cancelled' });
  const missed = await repo.commit({ files: dockerfile('echo missed'), branch: 'main' });
  await repo.setRef('refs/heads/main', missed);
  const again = github.install('epsilon');
  again.repositories.push(repo.state);
  await planned(await github.announceInstallation(again));
  expect(await getRepository(planner.store, repo.id)).toMatchObject({ installationId: again.id });
  const asked = (await planner.queues.sweeps.getWaiting()).map(({ data }) => data.of);
  expect(asked).toContainEqual({ repositoryIds: [repo.id] });
  expect(await swept(repo.id)).toBe(1);
});

test('a check whose end GitHub did not take follows once the repository is in the App again', async () => {
  const { github, planner, planned } = planning;
  const { store, forge } = planner;
  const { repo, sha, build } = await waiting('acme', 'away');
  const { id } = await build();
  const shown = () =>
    github.checkRuns(repo, sha).map(({ status, conclusion }) => `${status} ${conclusion}`);
  expect(await reportBuild(store, forge, id)).toBeUndefined();
  await planned(await github.removeRepository(repo));
  expect(await reportBuild(store, forge, id)).toMatchObject({ refused: expect.any(String) });
  expect(await store.redis.zscore(store.keys.dueReports, id)).toBeNull();
  expect(shown()).toEqual(['queued null']);
  await planned(await github.addRepository(repo));
  expect(await store.redis.zscore(store.keys.dueReports, id)).not.toBeNull();
  expect(await reportBuild(store, forge, id)).toBeUndefined();
  expect(shown()).toEqual(['completed cancelled']);
  // Told once is told.
  await planned(await github.rename(repo, 'away-and-renamed'));
  expect(await store.redis.zscore(store.keys.dueReports, id)).toBeNull();
});

/** A public repository of which a push was built, and what strangers may do with it now. */
async function open(name: string) {
  const { github, planner, planned } = planning;
  const { store, forge } = planner;
  const repo = await github.createRepository('acme', name);
  const push = await repo.push({
    after: await repo.commit({ files: dockerfile('true'), branch: 'main' }),
  });
  await planned(push);
  const strangers = async () => forge.access((await getRepository(store, repo.id))!, null);
  expect(await strangers()).toBe('read');
  return { repo, push, strangers };
}

test('what we are no longer let at is shown to no stranger, until we are again', async () => {
  const { github, planned } = planning;
  const { repo, push, strangers } = await open('gone');
  await planned(await github.removeRepository(repo));
  expect(await strangers()).toBe('none');
  await planned(push);
  expect(await strangers()).toBe('none');
  await planned(await github.addRepository(repo));
  expect(await strangers()).toBe('read');
});

test('a repository that became private while we were not let at it stays hidden', async () => {
  const { github, planned } = planning;
  const { repo, strangers } = await open('hidden');
  await planned(await github.removeRepository(repo));
  repo.state.private = true;
  await planned(await github.addRepository(repo));
  expect(await strangers()).toBe('none');
});

test('a removal that is heard of when it is over hides nothing', async () => {
  const { github, planned } = planning;
  const { repo, strangers } = await open('back');
  const removed = await github.removeRepository(repo);
  const added = await github.addRepository(repo);
  await planned(removed);
  expect(await strangers()).toBe('read');
  const removedAgain = await github.removeRepository(repo);
  await planned(removedAgain);
  await planned(added);
  expect(await strangers()).toBe('none');
});

test('what came late, or waited, makes no private repository public', async () => {
  const { github, planned, buildsOf } = planning;
  const { repo, push, strangers } = await open('late');
  const fork = await github.fork(repo, 'mallory');
  const sha = await fork.commit({ files: dockerfile('echo fork'), branch: 'fix' });
  const opened = await github.openPullRequest({ into: repo, from: fork, branch: 'fix' });
  await planned(opened.delivery);
  await planned(await github.privatize(repo));
  expect(await strangers()).toBe('none');
  await planned(push);
  expect(await strangers()).toBe('none');
  github.user('will', { access: { 'acme/late': 'write' } });
  const [check] = github.checkRuns(repo, sha);
  const approval = await github.requestAction(check!, 'approve', { sender: 'will' });
  expect(await planned(approval)).toMatch(/^Planned/);
  const [build] = await buildsOf(repo.id, sha);
  expect(build?.repository.private).toBe(true);
  await planned(opened.delivery);
  expect(await strangers()).toBe('none');
});
