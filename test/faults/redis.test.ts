import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Fault } from '../github/faults.ts';
import { atStep, digestOf, ended, pushNew } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingInEngine, expectNothingLeft, settled } from './aftermath.ts';

jest.setTimeout(180_000);

let slipway: Slipway;
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'slipway-copy-'));
  slipway = await startSlipway({ env: { CONCURRENCY: '1' } });
});
afterAll(async () => {
  await slipway.stop();
  await rm(copy, { recursive: true });
});

/** Writes of the checks of one repository. */
const checksOf =
  (name: string): Fault['match'] =>
  ({ method, path }) =>
    method !== 'GET' && path.startsWith(`/repos/acme/${name}/check-runs`);

/**
 * Builds of which one runs, one waits and one has ended and cannot be reported, until `letReport` is
 * called. `run` is what the running one does.
 */
async function inAllPhases(name: string, run: string) {
  const reported = await pushNew(slipway, `${name}-reported`, 'true');
  await until('the first report', () => slipway.github.checkRuns(reported.repo).length === 1);
  const letReport = slipway.github.fault({ match: checksOf(`${name}-reported`), status: 502 });
  await ended(slipway, reported.sha);
  const running = await pushNew(slipway, `${name}-running`, run);
  await atStep(slipway, running.sha, 'build');
  const queued = await pushNew(slipway, `${name}-queued`, 'true');
  await until('it waits', async () => (await slipway.build(queued.sha))?.state === 'queued');
  return { shas: [reported.sha, running.sha, queued.sha], letReport };
}

/** Waits for the builds of these commits and expects that all went well. */
async function expectAllWell(shas: string[]) {
  const others = (await allBuilds(slipway)).filter(({ sha }) => !shas.includes(sha));
  const builds = await settled(slipway, others.length + shas.length);
  const own = builds.filter(({ sha }) => shas.includes(sha));
  expect(own.map(({ state }) => state)).toEqual(shas.map(() => 'succeeded'));
  return own;
}

test('Redis restarted while nothing runs: the next push is built', async () => {
  await slipway.restartRedis();
  const { sha } = await pushAgain('restarted-idle');
  expect(await expectAllWell([sha])).toMatchObject([{ attempt: 1 }]);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`Redis ended by ${signal} while builds wait, run and are reported costs nothing`, async () => {
    const { shas, letReport } = await inAllPhases(signal.toLowerCase(), 'sleep 4');
    slipway.redis().kill(signal);
    await slipway.redis().process.ended;
    await slipway.restartRedis();
    letReport();
    const builds = await expectAllWell(shas);
    expect(builds.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    await expectNothingLeft(slipway);
  });
}

test('Redis set back in time: what had ended ends again in the same check', async () => {
  const { github } = slipway;
  const held = new AbortController();
  const hold = (match: Fault['match']) => github.fault({ match, until: held.signal, times: 1 });
  hold(/^GET \/repos\/acme\/back-unplanned\/contents\//);
  const unplanned = await pushNew(slipway, 'back-unplanned', 'true');
  hold(checksOf('back-untold'));
  const untold = await pushNew(slipway, 'back-untold', 'true');
  await ended(slipway, untold.sha);
  const { shas, letReport } = await inAllPhases('back', 'sleep 12');
  await cp(slipway.redisFolder, copy, { recursive: true });
  held.abort();
  letReport();
  const all = [...shas, untold.sha, unplanned.sha];
  const before = await expectAllWell(all);

  await slipway.restartRedis(async () => {
    await rm(slipway.redisFolder, { recursive: true });
    await cp(copy, slipway.redisFolder, { recursive: true });
  });
  const after = await expectAllWell(all);
  expect(after.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
  for (const { image, digest } of after) expect(await digestOf(image, 'main')).toBe(digest);
  await expectNothingLeft(slipway);
});

test('Redis emptied while builds run: workers stop them, and a new push is built', async () => {
  const { shas, letReport } = await inAllPhases('emptied', 'sleep 20');
  letReport();
  const lost = (await allBuilds(slipway)).filter(({ sha }) => shas.includes(sha));
  // GitHub is not asked for the checks of what was pushed a moment ago.
  const pushedAt = Date.now();
  await until('the pushes are old', () => Date.now() - pushedAt > 11_000);
  await empty();
  const fresh = await pushAgain('emptied-fresh');
  await expectAllWell([fresh.sha]);
  const processes = [slipway.processes.web, ...slipway.processes.workers];
  for (const { child } of processes)
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  await until('the worker has let go', () =>
    expectNothingInEngine(lost.filter(({ step }) => step === 'build')).then(() => true),
  );
});

test('builds lost with Redis: their deliveries sent again complete the checks that are open', async () => {
  const { github } = slipway;
  const delivered = github.deliveries.filter(({ payload }) =>
    /^emptied-(reported|running|queued)$/.test(
      (payload as { repository?: { name?: string } }).repository?.name ?? '',
    ),
  );
  const pushes = new Map(delivered.map((one) => [one.guid, one]));
  expect(pushes.size).toBe(3);
  for (const { id } of pushes.values()) await github.redeliver(id);
  await settled(slipway, 4);
  for (const { payload } of pushes.values()) {
    const { after } = payload as { after: string };
    const runs = github.checkRuns(undefined, after);
    expect(runs.map(({ status, conclusion }) => `${status} ${conclusion}`)).toEqual([
      'completed success',
    ]);
  }
  await expectNothingLeft(slipway);
});

/** Empties Redis, as a mistyped command does. */
async function empty(): Promise<void> {
  const redis = new Redis(slipway.redisUrl);
  await redis.flushall();
  redis.disconnect();
}

/** Pushes a repository, and lets GitHub try again for as long as deliveries are refused. */
async function pushAgain(name: string) {
  const pushed = await pushNew(slipway, name, 'true');
  await until('the delivery is taken', async () => {
    const { id = 0, statusCode } = slipway.github.deliveries.at(-1) ?? {};
    return statusCode === 202 || (await slipway.github.redeliver(id)).statusCode === 202;
  });
  return pushed;
}
