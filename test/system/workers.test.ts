import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ env: { STOP_GRACE: '1s' } });
});
afterAll(() => slipway.stop());

async function pushSlow(name: string, seconds: number) {
  const repo = await slipway.github.createRepository('acme', name);
  const files = { Dockerfile: `FROM slipway-test/base:1\nRUN sleep ${seconds}; echo ${name}\n` };
  const sha = await repo.commit({ files, message: name });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  await until('it builds', async () => (await slipway.build(sha))?.step === 'build');
  return { repo, sha };
}

async function finishElsewhere(sha: string) {
  slipway.processes.workers.push(slipway.startWorker());
  return until(
    'another worker finishes it',
    async () => {
      const build = await slipway.build(sha);
      return build?.finishedAt ? build : undefined;
    },
    60_000,
  );
}

test('a worker told to stop hands its build back, which costs no attempt', async () => {
  const { sha } = await pushSlow('stopped', 6);
  const [worker] = slipway.processes.workers.splice(0);
  expect(worker && (await end(worker, 'SIGTERM'))).toBe(0);
  expect(await slipway.build(sha)).toMatchObject({ state: 'queued', attempt: 0 });
  expect(await finishElsewhere(sha)).toMatchObject({ state: 'succeeded', attempt: 1 });
});

test('a killed worker’s build is finished by another: one image, one final check', async () => {
  const { repo, sha } = await pushSlow('killed', 6);
  const [worker] = slipway.processes.workers.splice(0);
  if (worker) await end(worker, 'SIGKILL');
  expect(await finishElsewhere(sha)).toMatchObject({ state: 'succeeded', attempt: 2 });
  const check = await until('the check is final', () =>
    slipway.github.checkRuns(repo, sha).find(({ status }) => status === 'completed'),
  );
  expect(check.conclusion).toBe('success');
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(1);
  expect(slipway.github.violations).toEqual([]);
});
