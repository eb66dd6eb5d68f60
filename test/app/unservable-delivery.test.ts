import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catchUp } from '../../app/catch-up/catch-up.ts';
import { allMissed } from '../../app/catch-up/missed.ts';
import { areRecorded } from '../../queue/deliveries.ts';
import { dockerfile } from '../system/builds.ts';
import { openGitHubPlanning } from './plan/github-planning.ts';

let planning: Awaited<ReturnType<typeof openGitHubPlanning>>;
beforeAll(async () => {
  planning = await openGitHubPlanning();
});
afterAll(() => planning.close());

test('deliveries that GitHub cannot hand out do not keep later ones out', async () => {
  const { github, planner, deliveries, log } = planning;
  const { store, queues } = planner;
  const repo = await github.createRepository('acme', 'web');
  const pushNew = async (n: number) => {
    const sha = await repo.commit({ files: dockerfile(`echo ${n}`), branch: 'main' });
    return repo.push({ after: sha });
  };
  const bad = [];
  for (let n = 0; n < 7; n += 1) bad.push(await pushNew(n));
  const good = await pushNew(7);
  const isBad = new RegExp(`/deliveries/(${bad.map(({ id }) => id).join('|')})(/|$)`);
  github.fault({ match: ({ path }) => isBad.test(path), status: 500 });
  const signal = new AbortController().signal;
  const failures: string[] = [];
  // It is sent again, fails as well, and is read then.
  for (let n = 0; n < 4; n += 1) {
    await catchUp({ store, queues, deliveries, log }, signal).catch(({ message }: Error) =>
      failures.push(message),
    );
  }
  expect(failures.length).toBeGreaterThan(0);
  expect(await areRecorded(store, [good.guid])).toEqual(new Set([good.guid]));
  const guids = (await allMissed(store)).map(({ guid }) => guid);
  expect(guids.sort()).toEqual(bad.map(({ guid }) => guid).sort());
});
