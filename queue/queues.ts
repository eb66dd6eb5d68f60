import { Queue, type QueueOptions } from 'bullmq';
import type { Build } from './build.ts';
import type { Store } from './build-store.ts';
import type { Keys } from './keys.ts';
import type { NotificationJob } from './notifications.ts';
import type { RedisConnection } from './redis.ts';
import type { Trigger } from './trigger.ts';
import { takeTurn } from './turns.ts';

/** The BullMQ queues and what a job of each carries. */
export type Jobs = {
  /** A delivery to plan builds from; the job's id is the delivery's GUID. */
  pushes: Trigger & {
    /** Whether it was known to be missing: what it asks for may have been done, and then been lost. */
    wasMissed?: boolean;
  };
  /** A build to run; the job's id is the build's. */
  builds: { id: string };
  /** A build whose check must follow its record. */
  reports: { id: string };
  /** An ended build whose live log goes to the archive. */
  archives: { id: string };
  /** A worker's request for the right to read a build's repository. */
  checkouts: CheckoutRequest;
  /** Repositories whose refs on GitHub are to be compared with what was planned. */
  sweeps: SweepRequest;
  /** An end of a build to be told to one target; the job's id is the notification's. */
  notifications: NotificationJob;
};

/** Which repositories are to be swept: every one, an installation's, or some of them by id. */
export type SweepRequest = {
  of: 'everything' | { installationId: number } | { repositoryIds: number[] };
  /** Where it stopped: the largest id of a repository that is done with; they go by id. */
  done: number;
};

/** What a worker says when it asks the app for the right to read a build's repository. */
export type CheckoutRequest = {
  id: string;
  /** The attempt's fence: only the worker that runs the build is answered. */
  fence: number;
  /** The JWK of the key pair made for this one question; the answer can be read with no other. */
  publicKey: Record<string, unknown>;
  /** Whether the private repositories among its submodules are to be readable too. */
  submodules: boolean;
  /** Whether the answer before did not do: a token that others were given may have been taken back. */
  isAnew?: boolean;
};

/** The names of the queues. */
export const queueNames = [
  'pushes',
  'builds',
  'reports',
  'archives',
  'checkouts',
  'sweeps',
  'notifications',
] as const;

/** The queues, ready to add to. */
export type Queues = { [name in keyof Jobs]: Queue<Jobs[name]> };

/**
 * What every BullMQ worker keeps for `/metrics`: without it, BullMQ's export shows counters that
 * never rise (https://docs.bullmq.io/guide/metrics). One data point is a minute, and nobody reads
 * them: Prometheus keeps its own.
 */
export const workerMetrics = { maxDataPoints: 1 };

/** Opens every queue on one connection; close them with `closeQueues`. */
export function openQueues(redis: RedisConnection, keys: Keys): Queues {
  // BullMQ's own look prints to the console what queue/check-redis.ts says as well, once for each queue.
  const options: QueueOptions = { connection: redis, prefix: keys.bull, skipVersionCheck: true };
  return {
    pushes: new Queue('pushes', options),
    builds: new Queue('builds', options),
    reports: new Queue('reports', options),
    archives: new Queue('archives', options),
    checkouts: new Queue('checkouts', options),
    sweeps: new Queue('sweeps', options),
    notifications: new Queue('notifications', options),
  };
}

/** Closes the queues; the connection stays with whoever made it. */
export async function closeQueues(queues: Queues): Promise<void> {
  await Promise.all(queueNames.map((name) => queues[name].close()));
}

/**
 * Puts a delivery up for planning. A second time with the same GUID does nothing while the job is
 * remembered, and plans the same builds again, which changes nothing, after that.
 */
export async function enqueueTrigger(queues: Queues, guid: string, trigger: Jobs['pushes']) {
  await queues.pushes.add(trigger.kind, trigger, {
    jobId: `delivery-${guid}`,
    ...untilItWorks,
    // What the sweep finds again was planned in vain.
    ...(trigger.kind !== 'missed push' && { removeOnComplete: { age: 3_600, count: 1_000 } }),
  });
}

/** Puts a queued build up for the workers, in its owner's next turn; nothing if it is already. */
export async function enqueueBuild(
  queues: Queues,
  store: Store,
  build: Pick<Build, 'id' | 'repo'>,
): Promise<void> {
  const priority = await takeTurn(store, build);
  if (priority === null) return;
  const { id } = build;
  const options = { jobId: id, priority, removeOnComplete: true, removeOnFail: true };
  await queues.builds.add('build', { id }, options);
}

/**
 * Asks for a build's check to follow its record. However often it is asked, at most one report of
 * a build runs and one waits, and the one that waits starts after the last change.
 */
export async function enqueueReport(queues: Queues, id: string): Promise<void> {
  await queues.reports.add(
    'report',
    { id },
    { deduplication: { id, keepLastIfActive: true }, ...untilItWorks },
  );
}

/** Asks for an ended build's log to be archived; does nothing if that was asked already. */
export async function enqueueArchive(queues: Queues, id: string): Promise<void> {
  await queues.archives.add('archive', { id }, { jobId: id, ...untilItWorks });
}

/**
 * Asks for repositories to be swept. However often it is asked, at most one such sweep runs and one
 * waits, which starts after whatever it was asked for happened.
 */
export async function enqueueSweep(queues: Queues, of: SweepRequest['of']): Promise<void> {
  const id = JSON.stringify(of);
  const deduplication = { id, keepLastIfActive: true };
  await queues.sweeps.add('sweep', { of, done: 0 }, { deduplication, ...untilItWorks });
}

/**
 * Puts a notification up to be sent, `attempts` times at most with the pauses that its worker calls
 * `notification`; does nothing while one of this id waits or is sent.
 */
export async function enqueueNotification(queues: Queues, job: NotificationJob, attempts: number) {
  await queues.notifications.add('notification', job, {
    ...untilItWorks,
    ...{ jobId: job.id, attempts, backoff: { type: 'notification' } },
  });
}

const untilItWorks = {
  attempts: 100_000,
  backoff: { type: 'capped' },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/**
 * The pause before a job is tried again, in milliseconds: 1 s, doubled each time, at most 30 s, so
 * that no end of an outage goes unnoticed for long. Workers name it `capped`.
 */
export const cappedBackoff = (attemptsMade: number): number =>
  Math.min(1_000 * 2 ** Math.min(attemptsMade - 1, 5), 30_000);
