import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { QueueEvents } from 'bullmq';
import { type Logger, pino } from 'pino';
import { ConfigError, exitConfig, workerConfig } from '../queue/config.ts';
import { keysUnder } from '../queue/keys.ts';
import { withLock } from '../queue/lock.ts';
import { closeQueues, openQueues } from '../queue/queues.ts';
import { connectForWork } from '../queue/redis.ts';
import { untilRedisIsFit } from '../queue/watch-redis.ts';
import { withdrawWorker } from '../queue/workers.ts';
import type { AttemptDeps } from './attempt/attempt.ts';
import { watchDisk } from './disk/worker-disk.ts';
import { connectEngine } from './engine/connect.ts';
import { askEngine } from './engine/engine-facts.ts';
import type { Mirrors } from './git/mirrors.ts';
import { keepTags } from './mend-tags.ts';
import { watchReadiness } from './readiness.ts';
import { baseMemory } from './reuse/base-images.ts';
import { takeBuilds } from './take-builds.ts';
import { removeLeftovers } from './test/leftovers.ts';

/** The worker process: takes builds from the queue and runs them on one Docker Engine. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const config = workerConfig(env);
  const log = pino({ level: config.LOG_LEVEL, base: { process: 'worker' } });
  const keys = keysUnder('slipway');
  const redis = connectForWork(config.REDIS_URL, (error) => log.warn(`Redis: ${error.message}`));
  await untilRedisIsFit(redis, log);
  const blocking = connectForWork(config.REDIS_URL, (error) =>
    log.debug(`Redis: ${error.message}`),
  );
  const queues = openQueues(redis, keys);
  const events = new QueueEvents('checkouts', { connection: blocking, prefix: keys.bull });
  for (const queue of Object.values(queues)) queue.on('error', () => {});
  events.on('error', () => {});
  const store = { redis, keys };
  const docker = connectEngine(config);
  const engine = askEngine(docker);
  const mirrors: Mirrors = {
    folder: resolve(config.DATA_DIR, 'mirrors'),
    limit: config.MIRROR_LIMIT,
    lock: (name, signal, work) => withLock(store, `mirror:${hostname()}:${name}`, signal, work),
  };
  const deps: AttemptDeps = {
    ...{ store, queues, events, config, log, env, mirrors, docker, engine },
    ...{ disk: watchDisk({ store, docker, engine, mirrors, config, log }) },
    baseMemory: baseMemory(),
    dockerConfig: config.DOCKER_CONFIG ?? join(config.HOME ?? '/', '.docker'),
    worker: `${hostname()}-${randomBytes(3).toString('hex')}`,
  };
  const worker = takeBuilds(deps);
  const endTags = keepTags(deps);
  const endReadiness = await watchReadiness(docker, deps.disk, config.REGISTRY, (problem) => {
    if (problem) log.error(`This worker takes no builds: ${problem}`);
    else log.info(`The worker ${deps.worker} takes ${config.CONCURRENCY} builds at once`);
    worker.setProblem(problem);
    if (problem) return;
    removeLeftovers(deps.docker, deps.store).catch((err: Error) =>
      log.warn({ err }, 'Containers of lost tests may be left in the Engine'),
    );
  });
  const stop = async (): Promise<void> => {
    log.info('Stopping: no new build is taken');
    const latest = config.STOP_GRACE + closingTime;
    setTimeout(() => giveUpClosing(log), latest).unref();
    endReadiness();
    endTags();
    deps.disk.stop();
    await worker.stop();
    await withdrawWorker(deps.store, deps.worker);
    await events.close();
    await closeQueues(queues);
    redis.disconnect();
    blocking.disconnect();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** What closing may take beyond the grace time, in milliseconds; more means that Redis is away. */
const closingTime = 10_000;

/** Ends the process; whatever it held runs elsewhere once its locks have run out. */
function giveUpClosing(log: Logger): void {
  log.error('Redis does not answer; stopping without handing builds back');
  process.exit(1);
}

main(process.env).catch((error: Error) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(error instanceof ConfigError ? exitConfig : 1);
});
