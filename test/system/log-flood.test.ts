import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { ended } from './builds.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(240_000);

let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl, { maxRetriesPerRequest: null });
});
afterAll(async () => {
  redis.disconnect();
  await slipway.stop();
});

/** Pushes a rule whose image is tested by a shell's command. */
async function pushTested(name: string, command: string): Promise<string> {
  const repo = await slipway.github.createRepository('acme', name);
  const rule = `  - name: image\n    test: { command: [sh, -c, ${JSON.stringify(command)}] }\n`;
  const files = {
    Dockerfile: `FROM slipway-test/base:1\nRUN : ${randomUUID()}\n`,
    '.github/slipway.yml': `images:\n${rule}`,
  };
  const sha = await repo.commit({ files });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  return sha;
}

const logOf = async (id: string) => (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();

async function usedMegabytes(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]) / 1e6;
}

async function workerMegabytes(): Promise<number> {
  const { pid } = slipway.processes.workers[0]!.child;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024) / 1e6;
}

/** The most that Redis grew by and that the worker had while a commit was built, in megabytes. */
async function peaksOf(sha: string) {
  const before = await usedMegabytes();
  const peaks = { redis: 0, worker: 0 };
  await until(
    'it ends',
    async () => {
      peaks.redis = Math.max(peaks.redis, (await usedMegabytes()) - before);
      peaks.worker = Math.max(peaks.worker, await workerMegabytes());
      return (await slipway.build(sha))?.finishedAt;
    },
    200_000,
  );
  return peaks;
}

test.each([
  ['ten million lines', 'echo first; yes "$(printf %99s x)" | head -n 10000000; echo last'],
  ['one line', 'echo first; head -c 1000000000 /dev/zero | tr "\\0" x; echo; echo last'],
])('1 GB in %s: beginning and end are kept, memory is bounded', async (name, command) => {
  const sha = await pushTested(name.replaceAll(' ', '-'), command);
  const peaks = await peaksOf(sha);
  const { id, state, attempt } = await ended(slipway, sha);
  expect({ state, attempt }).toEqual({ state: 'succeeded', attempt: 1 });
  expect(peaks.redis).toBeLessThan(32);
  expect(peaks.worker).toBeLessThan(300);
  const log = await logOf(id);
  expect(log).toMatch(/^first$/m);
  expect(log).toMatch(/^last$/m);
  expect(log).toContain('This log has reached its limit (LOG_LIMIT)');
  expect(log).toMatch(
    /^… \d+ lines are left out here: the log had reached its limit \(LOG_LIMIT\)$/m,
  );
});

test('a killed worker loses a second of the log at most, and the log says that it was lost', async () => {
  const counting =
    'i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "tick $i at $(cut -d " " -f 1 /proc/uptime)"; sleep 0.05; done';
  const sha = await pushTested('killed', counting);
  const { id } = await until('it is tested', async () => {
    const build = (await slipway.build(sha)) as { id: string } | undefined;
    return build && (await logOf(build.id)).includes('tick 30 ') ? build : undefined;
  });
  const [worker] = slipway.processes.workers.splice(0);
  const killedAt = Number.parseFloat(await readFile('/proc/uptime', 'utf8'));
  await end(worker!, 'SIGKILL');
  await sleep(500);
  const times = [...(await logOf(id)).matchAll(/^tick \d+ at ([\d.]+)$/gm)].map(([, at]) =>
    Number(at),
  );
  expect(killedAt - times.at(-1)!).toBeLessThan(1);
  slipway.processes.workers.push(slipway.startWorker());
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ state: 'succeeded', attempt: 2 });
  const log = await logOf(id);
  const lost = /^The worker \S+ was lost; the build begins again \(attempt 2\)\.$/gm;
  expect(log.match(lost)).toHaveLength(1);
  const [before = '', after = ''] = log.split(lost);
  expect(before.match(/^tick \d+ at/gm)?.length).toBe(times.length);
  expect(after.match(/^tick \d+ at/gm)?.length).toBe(200);
  await until('it is archived', async () => (await redis.exists(`{slipway}:log:${id}`)) === 0);
  expect(await logOf(id)).toBe(log);
});
