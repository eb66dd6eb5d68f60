import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import type { Process, Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { timed } from './median.ts';

const base = 'slipway-test/base:1';

/** 1 GB without a line end, and the same in ten million lines. */
const prints = {
  'one line of 1 GB': 'head -c 1000000000 /dev/zero | tr "\\0" x',
  'ten million lines, 1 GB': `yes "${'a line of a log that nobody will ever read to its end, with more '.repeat(2).slice(0, 99)}" | head -n 10000000`,
};

/**
 * What 1 GB of output costs: in a RUN, which the engine's BuildKit clips, and in a rule's test, which
 * nobody does; beside the same by hand, with `docker build` and `docker run`. Lines for people.
 */
export async function benchLogLoad(slipway: Slipway): Promise<string> {
  const results: string[] = [];
  for (const [what, print] of Object.entries(prints)) {
    const run = `: ${what} ${Date.now()}; ${print}`;
    const hand = await timed(() => buildByHand(`${run}; : by hand`));
    results.push(await measured(slipway, `${what}, RUN`, { run }, 'build', hand));
    const attached = await timed(() => runByHand(print));
    results.push(
      await measured(slipway, `${what}, test`, { run: 'true', test: print }, 'test', attached),
    );
  }
  return results.join('\n');
}

async function measured(
  slipway: Slipway,
  what: string,
  { run, test }: { run: string; test?: string },
  step: string,
  byHand: number,
): Promise<string> {
  const { github, redisUrl, processes } = slipway;
  const repo = await github.createRepository('bench', `load-${Date.now()}`);
  const rule = test ? `    test: { command: [sh, -c, ${JSON.stringify(test)}] }\n` : '';
  const sha = await repo.commit({
    files: {
      Dockerfile: `FROM ${base}\nRUN ${run}\n`,
      '.github/slipway.yml': `images:\n  - name: image\n${rule}`,
    },
  });
  const redis = new Redis(redisUrl);
  const before = await usedMegabytes(redis);
  let [redisPeak, workerPeak] = [0, 0];
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const build = await until(
    'the build ends',
    async () => {
      redisPeak = Math.max(redisPeak, (await usedMegabytes(redis)) - before);
      workerPeak = Math.max(workerPeak, await residentMegabytes(processes.workers[0]!));
      const record = await slipway.build(sha);
      return record?.finishedAt ? record : undefined;
    },
    300_000,
  );
  redis.disconnect();
  const steps = build.steps as { name: string; startedAt: string; finishedAt: string }[];
  const { startedAt, finishedAt } = steps.find(({ name }) => name === step)!;
  const ours = Date.parse(finishedAt) - Date.parse(startedAt);
  const log = await (await fetch(`${slipway.url}/api/builds/${build.id}/log`)).text();
  const said = /^.*(clipped|left out here).*$/m.exec(log)?.[0].slice(0, 90);
  await sleep(2_000);
  return [
    `${what}: ${build.state}, ${step} ${(ours / 1_000).toFixed(1)} s, by hand ${(byHand / 1_000).toFixed(1)} s, ratio ${(ours / byHand).toFixed(2)}`,
    `  Redis grew by ${redisPeak.toFixed(1)} MB at most, worker ${workerPeak.toFixed(0)} MB RSS at most`,
    `  log ${(log.length / 1e6).toFixed(1)} MB, which says: ${said}`,
  ].join('\n');
}

async function buildByHand(run: string): Promise<void> {
  const input = `FROM ${base}\nRUN ${run}\n`;
  const options = { env: dockerEnv(), input, stdout: 'ignore', stderr: 'ignore' } as const;
  await execa('/usr/bin/docker', ['build', '--progress=plain', '-'], options);
}

async function runByHand(print: string): Promise<void> {
  const args = ['run', '--rm', '--network=none', '--log-driver=none', base, 'sh', '-c', print];
  await execa('/usr/bin/docker', args, { env: dockerEnv(), stdout: 'ignore' });
}

/** Debian's own client, on the engine of the tests. */
const dockerEnv = () => ({
  DOCKER_BUILDKIT: '1',
  DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '',
});

async function usedMegabytes(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]) / 1e6;
}

async function residentMegabytes({ child }: Process): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024) / 1e6;
}
