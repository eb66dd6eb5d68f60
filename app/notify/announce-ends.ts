import { createHash } from 'node:crypto';
import { hasEnded } from '../../queue/build.ts';
import { takeDueScript } from '../../queue/build-scripts.ts';
import { getBuild, type StoredBuild } from '../../queue/build-store.ts';
import {
  addNotification,
  type Notification,
  type NotificationJob,
} from '../../queue/notifications.ts';
import { enqueueNotification } from '../../queue/queues.ts';
import type { Notifier } from './notifier.ts';
import { mostTries } from './pauses.ts';
import { keyOf, type Target, wants } from './target.ts';
import { targetsOf } from './targets-of.ts';

/** So many ends are looked at in one go: each may be a request to the forge. */
const atOnce = 20;

/** When an end is looked at again that could not be put up to be told, in milliseconds. */
const again = 60_000;

/**
 * Puts every end that is due up to be told, one notification a target, or a tag of it. What is due
 * stays so until that is done, and the ids follow from the build and the target: however often it is
 * begun, each is put up once. Throws the first problem, after all were tried.
 */
export async function announceEnds(notifier: Notifier): Promise<void> {
  const { redis, keys } = notifier.store;
  const now = Date.now();
  const due = await redis.eval(takeDueScript, 1, keys.dueNotifications, now, now + again, atOnce);
  const outcomes = await Promise.allSettled(
    (due as string[]).map(async (id) => {
      await announceEnd(notifier, id);
      await redis.zrem(keys.dueNotifications, id);
    }),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

async function announceEnd(notifier: Notifier, id: string): Promise<void> {
  const build = await getBuild(notifier.store, id);
  if (!build || !hasEnded(build.state)) return;
  for await (const target of targetsOf(notifier, build)) {
    if (!wants(target, build.state)) continue;
    for (const job of jobsFor(build, target)) await putUp(notifier, build, target, job);
  }
}

/** Docker Hub's body tells of one tag; every other format of the whole build. */
function jobsFor(build: StoredBuild, target: Target): NotificationJob[] {
  const tags = build.publish ? build.tags : [];
  const about = target.format === 'dockerhub' ? tags : [null];
  return about.map((tag) => ({
    id: idOf(build.id, keyOf(target), tag ?? ''),
    ...{ build: build.id, repositoryId: build.repository.id, target: keyOf(target), tag },
  }));
}

async function putUp(
  { store, queues }: Notifier,
  { state }: StoredBuild,
  { url, format, from }: Target,
  job: NotificationJob,
): Promise<void> {
  const written: Notification = {
    ...job,
    event: `build.${state}`,
    ...{ host: new URL(url).host, format, from },
    ...{ state: 'waiting', attempts: 0, createdAt: new Date().toISOString() },
    ...{ triedAt: null, duration: null, status: null, answer: null, problem: null, nextAt: null },
  };
  const { state: now } = await addNotification(store, written);
  if (now === 'waiting') await enqueueNotification(queues, job, mostTries);
}

const idOf = (...parts: string[]): string =>
  `n${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 31)}`;
