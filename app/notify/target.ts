import { createHash } from 'node:crypto';
import type { BuildState } from '../../queue/build.ts';
import type { Format, Notification } from '../../queue/notifications.ts';

/** Somebody who is told of ends. The URL may hold a secret, as Slack's do: it stays in memory. */
export type Target = {
  url: string;
  format: Format;
  /** The ends that are told; null for all that the format knows. */
  on: readonly BuildState[] | null;
  from: Notification['from'];
};

/** Names a target in Redis, in logs and to people, without giving its URL away. */
export const keyOf = ({ url, format, from }: Target): string =>
  createHash('sha256').update([from, format, url].join('\0')).digest('hex').slice(0, 16);

/** Whether a target wants to hear of this end. */
export const wants = ({ format, on }: Target, state: BuildState): boolean =>
  (format !== 'dockerhub' || state === 'succeeded') && (on === null || on.includes(state));
