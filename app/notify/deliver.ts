import { type Job, UnrecoverableError } from 'bullmq';
import type { Build } from '../../queue/build.ts';
import { getBuild } from '../../queue/build-store.ts';
import {
  changeNotification,
  type Format,
  getNotification,
  type NotificationJob,
  type Try,
} from '../../queue/notifications.ts';
import { messageFor } from './message.ts';
import type { Notifier } from './notifier.ts';
import { mostTries, pauseAfter } from './pauses.ts';
import { problemOf, withoutSecrets } from './problems.ts';
import { type Answer, send } from './send.ts';
import { keyOf, type Target } from './target.ts';
import { targetsOf } from './targets-of.ts';
import { withoutUrl } from './without-url.ts';

/** How a try ends: taken, to be tried again, or given up. */
export const notificationOutcomes = ['delivered', 'retried', 'failed'] as const;

/** One of them. */
type NotificationOutcome = (typeof notificationOutcomes)[number];

/** What counts the tries. */
export type NotificationCounter = (format: Format, outcome: NotificationOutcome) => void;

/**
 * Sends one notification and writes down how it went. Throws when it did not go well: a
 * NotDelivered to be tried again, an UnrecoverableError once and for all.
 */
export async function deliver(
  notifier: Notifier & { count: NotificationCounter },
  { data, attemptsMade }: Pick<Job<NotificationJob>, 'data' | 'attemptsMade'>,
): Promise<void> {
  const { store } = notifier;
  const known = await getNotification(store, data.repositoryId, data.id);
  // Sent by a process that did not live to say so to BullMQ.
  if (known?.state === 'delivered') return;
  const startedAt = Date.now();
  let target: Target | null = null;
  let answer: Answer | null = null;
  let error: Error | null = null;
  try {
    const build = await buildOf(notifier, data);
    target = await targetFor(notifier, build, data);
    const { headers, body } = messageFor(notifier, target, build, data);
    answer = await send(target.url, headers, body, notifier.notify.allowed);
    error = problemOf(answer);
  } catch (caught) {
    error = withoutSecrets(caught as Error, target);
  }
  const isLast = error instanceof UnrecoverableError || attemptsMade + 1 >= mostTries;
  const pause = error && !isLast ? pauseAfter(attemptsMade + 1, error) : null;
  const outcome = error === null ? 'delivered' : pause === null ? 'failed' : 'retried';
  const tried: Try = {
    ...{ triedAt: new Date(startedAt).toISOString(), duration: Date.now() - startedAt },
    ...{ status: answer?.status ?? null, problem: error?.message ?? null },
    answer: answer && target?.from === 'rules file' ? withoutUrl(answer.text, target.url) : null,
    nextAt: pause === null ? null : new Date(Date.now() + pause).toISOString(),
  };
  const state = outcome === 'retried' ? 'waiting' : outcome;
  await changeNotification(store, data, { ...tried, state }, 1);
  if (target) notifier.count(target.format, outcome);
  if (error) throw error;
}

async function buildOf({ store }: Notifier, { build: id }: NotificationJob): Promise<Build> {
  const build = await getBuild(store, id);
  if (build) return build;
  throw new UnrecoverableError(`Build ${id} is on record no longer (KEEP_BUILDS).`);
}

async function targetFor(
  notifier: Notifier,
  build: Build,
  { target: key }: NotificationJob,
): Promise<Target> {
  for await (const target of targetsOf(notifier, build)) if (keyOf(target) === key) return target;
  throw new UnrecoverableError(`Nobody names the target ${key.slice(0, 8)} any longer.`);
}
