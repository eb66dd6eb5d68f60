import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { end, type Process, type Slipway } from '../system/start-slipway.ts';
import { pushToImage } from './push-to-image.ts';

const keys = keysUnder('slipway');
const builds = 20;
const waiting = 200;

/** Resident memory of a web and a worker process that have just started and have nothing to do. */
export async function benchIdleMemory({ processes }: Slipway): Promise<string> {
  await sleep(10_000);
  const web = await residentMegabytes(processes.web);
  const workers = await Promise.all(processes.workers.map(residentMegabytes));
  const worker = workers[0] ?? 0;
  return `idle memory: web ${web.toFixed(0)} MB, worker ${worker.toFixed(0)} MB, together ${(web + worker).toFixed(0)} MB`;
}

/** What each finished build leaves in Redis once its log is archived, deliveries and all. */
export async function benchRedisBytes(slipway: Slipway): Promise<string> {
  const redis = new Redis(slipway.redisUrl);
  const repo = await slipway.github.createRepository('bench', 'bytes');
  const push = (run: number) =>
    pushToImage(slipway, repo, {
      Dockerfile: `FROM slipway-test/base:1\nRUN for i in $(seq 100); do echo "line $i of ${run}"; done\n`,
    });
  // The first build brings what is kept once per repository, image and script.
  await push(0);
  const before = await settledBytes(redis);
  for (let run = 1; run <= builds; run += 1) await push(run);
  const bytes = ((await settledBytes(redis)) - before) / builds;
  const [last = ''] = await redis.zrevrange(keys.builds, 0, 0);
  const record = await redis.memory('USAGE', keys.build(last), 'SAMPLES', 0);
  redis.disconnect();
  return `Redis per finished build of 100 lines, mean of ${builds}: ${bytes.toFixed(0)} bytes, of which its record ${record}`;
}

/** What each build takes in Redis while it waits, with its delivery, its check and its job. */
export async function benchWaitingBytes(slipway: Slipway): Promise<string> {
  const { processes, github, redisUrl } = slipway;
  for (const worker of processes.workers) await end(worker, 'SIGTERM');
  const redis = new Redis(redisUrl);
  const repo = await github.createRepository('bench', 'waiting');
  const push = async (): Promise<void> => {
    const sha = await repo.commit({ files: { Dockerfile: `FROM scratch\n# ${randomUUID()}\n` } });
    await repo.push({ ref: 'refs/heads/main', after: sha });
  };
  await push();
  const before = await settledBytes(redis);
  for (let count = 0; count < waiting; count += 1) await push();
  const bytes = ((await settledBytes(redis)) - before) / waiting;
  redis.disconnect();
  return `Redis per waiting build, mean of ${waiting}: ${bytes.toFixed(0)} bytes`;
}

/** Bytes of data in Redis after the archive and the reports had time to finish. */
async function settledBytes(redis: Redis): Promise<number> {
  await sleep(5_000);
  const info = await redis.info('memory');
  return Number(/used_memory_dataset:(\d+)/.exec(info)?.[1]);
}

async function residentMegabytes({ child }: Process): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
