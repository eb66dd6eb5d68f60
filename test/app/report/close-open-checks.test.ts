import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cancelBuild } from '../../../app/cancel-build.ts';
import { closeOpenChecks } from '../../../app/report/close-open-checks.ts';
import { reportBuild } from '../../../app/report/report.ts';
import { dockerfile } from '../../system/builds.ts';
import { openGitHubPlanning } from '../plan/github-planning.ts';

let planning: Awaited<ReturnType<typeof openGitHubPlanning>>;
beforeAll(async () => {
  planning = await openGitHubPlanning();
});
afterAll(async () => {
  await planning.close();
  expect(planning.github.violations).toEqual([]);
});

/** A build that has ended and is reported, and whose check is to be looked at again now. */
async function ended(owner: string, name: string) {
  const { github, planner, planned, buildsOf } = planning;
  const repo = await github.createRepository(owner, name);
  const sha = await repo.commit({ files: dockerfile('true'), branch: 'main' });
  await planned(await repo.push({ after: sha }));
  const id = String((await buildsOf(repo.id, sha))[0]?.id);
  await cancelBuild(planner, id, 'For a test.');
  await reportBuild(planner.store, planner.forge, id);
  const { redis, keys } = planner.store;
  await redis.zadd(keys.dueChecks, Date.now(), id);
  return { id, run: github.checkRuns(repo, sha)[0]! };
}

test('an installation that is limited holds up no other, and is left alone as it asks', async () => {
  const { github, planner, log } = planning;
  const { store, forge } = planner;
  const limited = [await ended('beta', 'one'), await ended('beta', 'two')];
  const { run } = await ended('acme', 'web');
  // GitHub took an older write late.
  Object.assign(run, { status: 'in_progress', conclusion: null });
  github.fault({
    ...{ match: /^GET \/repos\/beta\/.*check-runs$/, status: 403 },
    headers: { 'retry-after': '3600' },
  });
  expect(await closeOpenChecks({ store, forge, log, leftAlone: new Map() })).toBe(1);
  expect(run).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
  expect(github.requests.filter(({ status }) => status === 403)).toHaveLength(1);
  for (const { id } of limited) {
    const due = Number(await store.redis.zscore(store.keys.dueChecks, id));
    expect(due).toBeGreaterThan(Date.now() + 3_500_000);
  }
});
