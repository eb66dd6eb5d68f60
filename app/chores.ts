import { type Job, type Processor, Worker } from 'bullmq';
import { archiveLog } from '../queue/archive.ts';
import { getBuild } from '../queue/build-store.ts';
import { sealGrant } from '../queue/checkout-grant.ts';
import type { WebConfig } from '../queue/config.ts';
import { settleDelivery } from '../queue/deliveries.ts';
import { cappedBackoff, type Jobs, workerMetrics } from '../queue/queues.ts';
import { connectForWork } from '../queue/redis.ts';
import { getRepository } from '../queue/repositories.ts';
import { cancelBuild } from './cancel-build.ts';
import { AccessEnded, type Forge } from './forge.ts';
import { keepMending } from './keep-mending.ts';
import { deliver } from './notify/deliver.ts';
import { fewAtOnce } from './notify/few-at-once.ts';
import { keepTelling } from './notify/keep-telling.ts';
import { pauseAfter } from './notify/pauses.ts';
import { writtenTargets } from './notify/written-targets.ts';
import { plan } from './plan/plan.ts';
import { reportBuild } from './report/report.ts';
import { startRecovery } from './start-recovery.ts';
import { sweepJob } from './sweep/sweep.ts';
import { startTidying } from './tidy.ts';
import { watchWrites } from './watch-writes.ts';
import type { WebDeps } from './web-deps.ts';

/**
 * Starts what the web process does beside answering: planning, reporting, archiving, granting
 * checkouts, telling of ends, mending and tidying up. Returns a function that finishes what is under way and ends it.
 */
export function startChores(deps: WebDeps, forge: Forge, config: WebConfig): () => Promise<void> {
  const { store, log, recovery, metrics } = deps;
  const notifier = {
    ...{ ...deps, writtenTargets: writtenTargets(forge) },
    count: metrics.countNotification,
  };
  const connection = connectForWork(config.REDIS_URL, () => {});
  const options = {
    connection,
    prefix: store.keys.bull,
    lockDuration: 10_000,
    stalledInterval: 5_000,
    maxStalledCount: 1_000,
    metrics: workerMetrics,
    settings: {
      backoffStrategy: (made: number, type?: string, error?: Error) =>
        type === 'notification'
          ? pauseAfter(made, error)
          : Math.max(cappedBackoff(made), error ? forge.askedPause(error) : 0),
    },
  };
  const processors: { [name in Exclude<keyof Jobs, 'builds'>]?: [number, Processor] } = {
    pushes: [10, planJob(deps)],
    reports: [10, reportJob(deps, forge)],
    archives: [2, archiveJob(deps)],
    checkouts: [10, checkoutJob(deps, forge)],
    notifications: [20, fewAtOnce(store, (job) => deliver(notifier, job))],
    sweeps: [1, sweepJob({ ...deps, installed: recovery.installed })],
  };
  const workers = Object.entries(processors).map(([name, [concurrency, processor]]) => {
    const worker = new Worker(name, processor, { ...options, concurrency });
    worker.on('error', (error) => log.debug(`BullMQ: ${error.message}`));
    worker.on('failed', (job, error) =>
      log.warn(
        { queue: name, job: job?.id, reason: error.message },
        job?.finishedOn ? 'Given up' : 'Will be tried again',
      ),
    );
    return worker;
  });
  const endMending = keepMending(deps, forge, config.QUEUE_TIMEOUT);
  const endTelling = keepTelling(notifier, log);
  const endTidying = startTidying(deps, config);
  startRecovery(deps, config);
  void watchWrites(deps);
  return async () => {
    endMending();
    endTelling();
    await endTidying();
    await Promise.all(workers.map((worker) => worker.close()));
    connection.disconnect();
  };
}

function planJob({ planner, store, log }: WebDeps) {
  return async (job: Job<Jobs['pushes']>): Promise<string> => {
    const guid = (job.id ?? '').replace(/^delivery-/, '');
    const outcome = await plan(planner, guid, job.data, job.timestamp);
    await settleDelivery(store, guid, outcome);
    log.info({ delivery: guid }, outcome);
    return outcome;
  };
}

function reportJob({ store, log }: WebDeps, forge: Forge) {
  return async ({ data }: Job<Jobs['reports']>): Promise<void> => {
    const outcome = await reportBuild(store, forge, data.id);
    if (outcome) log.warn({ build: data.id }, outcome.refused);
  };
}

function archiveJob({ store, archive, metrics }: WebDeps) {
  return async ({ data }: Job<Jobs['archives']>): Promise<void> => {
    if (!(await archiveLog(store, archive, data.id))) return;
    const build = await getBuild(store, data.id);
    if (build) metrics.observeEnd(build);
  };
}

/** Only the worker that runs the build at this moment is granted its repository. */
function checkoutJob({ store, queues }: WebDeps, forge: Forge) {
  return async ({ data }: Job<Jobs['checkouts']>): Promise<string> => {
    const build = await getBuild(store, data.id);
    if (build?.state !== 'running' || build.fence !== data.fence) {
      throw new Error(`Build ${data.id} is not run by the worker that asked.`);
    }
    const repository = (await getRepository(store, build.repository.id)) ?? build.repository;
    // Whoever opens a pull request from a fork is not to read what the owner keeps private.
    const isTrusted = data.submodules && !build.pullRequest?.isFork;
    try {
      const grant = await forge.grantCheckout(repository, {
        submodulesOf: isTrusted ? build.sha : null,
        // The last attempt may have failed for a token that was taken back.
        isAnew: data.isAnew || build.attempt > 1,
      });
      return await sealGrant(grant, data.publicKey);
    } catch (error) {
      // The worker would ask for ever.
      if (error instanceof AccessEnded)
        await cancelBuild({ store, queues }, data.id, error.message);
      throw error;
    }
  };
}
