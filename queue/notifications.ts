import type { BuildState } from './build.ts';
import type { Store } from './build-store.ts';
import { addNotificationScript, changeNotificationScript } from './notification-scripts.ts';

/** So many notifications of a repository are remembered. */
const kept = 50;

/** How an end of a build is told: see docs/notifications.md. */
export const formats = ['slipway', 'dockerhub', 'slack'] as const;

/** One of these ways. */
export type Format = (typeof formats)[number];

/** One thing to be told to one target: what a job of the queue `notifications` carries. */
export type NotificationJob = {
  /** Follows from the rest; sent along, so that a receiver knows a second arrival by it. */
  id: string;
  build: string;
  repositoryId: number;
  /** Which target, without saying its URL: see `keyOf` in app/notify/target.ts. */
  target: string;
  /** The tag it is about, in a format that tells of one tag at a time; else null. */
  tag: string | null;
};

/** How the last try went. */
export type Try = {
  /** ISO 8601. */
  triedAt: string | null;
  /** What the try took, in milliseconds. */
  duration: number | null;
  /** The HTTP status of the answer; null if there was none. */
  status: number | null;
  /** The first 1,024 characters of the answer; null for the operator's own targets. */
  answer: string | null;
  /** One sentence about a try that did not go well. */
  problem: string | null;
  /** When it is tried again; null if it is not, or not yet tried. */
  nextAt: string | null;
};

/** What is remembered of a notification; no part of it holds the target's URL. */
export type Notification = NotificationJob &
  Try & {
    event: `build.${BuildState}`;
    /** The host of the target's URL. */
    host: string;
    format: Format;
    /** Who named the target. */
    from: 'rules file' | 'operator';
    state: 'waiting' | 'delivered' | 'failed';
    /** Tries so far, over everything that asked for one. */
    attempts: number;
    /** ISO 8601. */
    createdAt: string;
  };

/**
 * Writes down a notification that is to be sent. Returns it as it stands, which may be further on
 * already: the same id again changes nothing.
 */
export async function addNotification(
  { redis, keys }: Store,
  notification: Notification,
): Promise<Notification> {
  const { id, repositoryId } = notification;
  const [all, times] = [keys.notifications(repositoryId), keys.notificationTimes(repositoryId)];
  const text = JSON.stringify(notification);
  await redis.eval(addNotificationScript, 2, all, times, id, text, Date.now(), kept);
  return (await getNotification({ redis, keys }, repositoryId, id)) ?? notification;
}

/** A notification of a repository, or null if it is not remembered. */
export async function getNotification(
  { redis, keys }: Store,
  repositoryId: number,
  id: string,
): Promise<Notification | null> {
  const text = await redis.hget(keys.notifications(repositoryId), id);
  return text === null ? null : (JSON.parse(text) as Notification);
}

/** The last notifications of a repository, newest first. */
export async function listNotifications(
  { redis, keys }: Store,
  repositoryId: number,
): Promise<Notification[]> {
  const ids = await redis.zrange(keys.notificationTimes(repositoryId), '0', '-1', 'REV');
  if (ids.length === 0) return [];
  const texts = await redis.hmget(keys.notifications(repositoryId), ...ids);
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Notification]));
}

/**
 * Writes down in one step what became of a notification, and with `tries` 1 that it was tried once
 * more. Returns it as it then is; null if it is remembered no longer.
 */
export async function changeNotification(
  { redis, keys }: Store,
  { repositoryId, id }: Pick<Notification, 'repositoryId' | 'id'>,
  set: Partial<Try> & Pick<Notification, 'state'>,
  tries: 0 | 1,
): Promise<Notification | null> {
  const key = keys.notifications(repositoryId);
  const text = await redis.eval(changeNotificationScript, 1, key, id, JSON.stringify(set), tries);
  return text === null ? null : (JSON.parse(String(text)) as Notification);
}
