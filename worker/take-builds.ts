import { DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import { workerMetrics } from '../queue/queues.ts';
import { connectForWork } from '../queue/redis.ts';
import { announceWorker } from '../queue/workers.ts';
import type { AttemptDeps } from './attempt/attempt.ts';
import { runAttempt } from './attempt/run-attempt.ts';
import { Stop } from './attempt/stop.ts';
import { waitForWarmer } from './wait-for-warmer.ts';

/** A worker that takes builds while it has no problem. */
export type BuildTaker = {
  /** Says whether builds may be taken: null if so, else why not. */
  setProblem(problem: string | null): void;
  /** Whether a build runs here at this moment. */
  isBusy(): boolean;
  /** Takes nothing new, lets running builds finish for the grace time, then hands them back. */
  stop(): Promise<void>;
};

/**
 * A worker's hold on a build, in milliseconds: it ends so long after the worker was last heard of,
 * and others look for such builds so often. Together they stay below 10 s, and a Redis that needs 2 s
 * for each command still renews in time.
 */
const lease = { lockDuration: 6_000, lockRenewTime: 2_000, stalledInterval: 2_000 };

/**
 * Takes builds from the queue, as many at once as configured. The lease is short, so that a killed
 * worker's builds run elsewhere within seconds (https://docs.bullmq.io/guide/workers/stalled-jobs);
 * how often a build may lose its worker is the record's business, not BullMQ's.
 */
export function takeBuilds(deps: AttemptDeps): BuildTaker {
  const { config, store, log } = deps;
  const stopping = new AbortController();
  const connection = connectForWork(config.REDIS_URL, () => {});
  const running = new Set<string>();
  const run = async (job: Job<{ id: string }>, token?: string): Promise<void> => {
    const wait = await waitForWarmer(deps, job.data.id);
    if (wait) return delay(job, wait, token);
    running.add(job.data.id);
    // Others leave builds to this worker by what it says of its room.
    void announce();
    try {
      await runJob(deps, stopping.signal, job, token);
    } finally {
      running.delete(job.data.id);
      void announce();
    }
  };
  const worker = new Worker<{ id: string }>('builds', run, {
    connection,
    prefix: store.keys.bull,
    concurrency: config.CONCURRENCY,
    autorun: false,
    ...lease,
    maxStalledCount: 1_000,
    drainDelay: 2,
    metrics: workerMetrics,
  });
  worker.on('error', (error) => log.debug(`BullMQ: ${error.message}`));
  let problem: string | null = 'starting';
  let begun = false;
  let hasStopped = false;
  const announce = async (): Promise<void> => {
    const engine = await deps.engine().then(
      ({ id }) => id,
      () => null,
    );
    if (hasStopped) return;
    const { CONCURRENCY: concurrency } = config;
    const disk = deps.disk.report();
    const says = { name: deps.worker, problem, engine, running: running.size, concurrency, disk };
    await announceWorker(store, says).catch((error: Error) => log.debug(error.message));
  };
  const presence = setInterval(announce, 3_000);

  return {
    setProblem(now) {
      problem = now;
      void announce();
      if (now !== null) {
        if (begun) void worker.pause(true);
      } else if (begun) worker.resume();
      else {
        begun = true;
        worker.run().catch((error: Error) => log.error({ err: error }, 'Taking builds ended'));
      }
    },
    isBusy: () => running.size > 0,
    async stop() {
      clearInterval(presence);
      await worker.pause(true);
      const grace = setTimeout(() => {
        stopping.abort(new Stop('handed back', 'Its worker stopped; waiting for another.'));
      }, config.STOP_GRACE);
      await worker.close();
      hasStopped = true;
      clearTimeout(grace);
      connection.disconnect();
    },
  };
}

async function runJob(
  deps: AttemptDeps,
  stopping: AbortSignal,
  job: Job<{ id: string }>,
  token?: string,
): Promise<void> {
  const end = await runAttempt(deps, job.data.id, stopping);
  if (end === 'done') return;
  if (end === 'wait') {
    await job.moveToWait(token);
    throw new WaitingError();
  }
  await delay(job, end.delay, token);
}

async function delay(job: Job, milliseconds: number, token?: string): Promise<never> {
  await job.moveToDelayed(Date.now() + milliseconds, token);
  throw new DelayedError();
}
