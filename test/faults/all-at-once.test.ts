import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { atStep, digestOf, ended, pushNew } from '../system/builds.ts';
import { end, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { bringIn } from './bring-in.ts';
import { holdGitHub } from './hold.ts';

jest.setTimeout(150_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ env: { CONCURRENCY: '2' }, workers: 2 });
});
afterAll(() => slipway.stop());

test('web, workers and Redis killed together: every push ends in one check', async () => {
  const { github, processes } = slipway;
  const pushes = [
    ...(await Promise.all([0, 1].map((n) => pushNew(slipway, `ended-${n}`, 'true')))),
    ...(await Promise.all([0, 1, 2, 3].map((n) => pushNew(slipway, `running-${n}`, 'sleep 6')))),
    ...(await Promise.all([0, 1, 2, 3].map((n) => pushNew(slipway, `queued-${n}`, 'true')))),
  ];
  const [first, second, ...rest] = pushes.map(({ sha }) => sha);
  for (const sha of [first!, second!]) await ended(slipway, sha);
  await Promise.all(rest.slice(0, 4).map((sha) => atStep(slipway, sha, 'build')));
  const planning = holdGitHub(slipway, /^GET \/repos\/acme\/planned\/contents\//);
  const planned = await pushNew(slipway, 'planned', 'true');
  await planning.reached;
  const unsent = await github.createRepository('acme', 'unsent');

  const killed = [processes.web, ...processes.workers.splice(0)];
  slipway.redis().kill('SIGKILL');
  await Promise.all(killed.map((process) => end(process, 'SIGKILL')));
  const sha = await unsent.commit({ files: { Dockerfile: 'FROM slipway-test/base:1\n' } });
  const delivery = await unsent.push({ after: sha });
  planning.release();

  await slipway.restartRedis();
  processes.web = slipway.startWeb();
  processes.workers.push(slipway.startWorker(), slipway.startWorker());
  await until('web is back', async () => (await fetch(`${slipway.url}/readyz`)).ok);
  await bringIn(slipway, delivery);

  const shas = [...pushes, planned, { sha }].map((push) => push.sha);
  const builds = await settled(slipway, shas.length, 90_000);
  expect(new Set(builds.map((build) => build.sha))).toEqual(new Set(shas));
  expect(builds).toHaveLength(shas.length);
  for (const build of await allBuilds(slipway)) {
    expect(build).toMatchObject({ state: 'succeeded', tags: [build.sha, 'main', 'latest'] });
    expect(await digestOf(build.image, 'main')).toBe(build.digest);
  }
  await expectNothingLeft(slipway);
});
