import type { Store } from '../../queue/build-store.ts';
import type { Format } from '../../queue/notifications.ts';
import type { Allowed, OperatorUrl } from '../../queue/notify-values.ts';
import type { Queues } from '../../queue/queues.ts';
import type { WrittenTargets } from './written-targets.ts';

/** What the operator says about notifications, from the environment (NOTIFY_…). */
export type NotifyConfig = {
  urls: OperatorUrl[];
  /** The format of all of these URLs. */
  format: Format;
  /** The key that the operator's targets check signatures with; null: nothing is signed. */
  secret: Buffer | null;
  allowed: Allowed;
};

/** What telling of ends needs. */
export type Notifier = {
  store: Store;
  queues: Queues;
  writtenTargets: WrittenTargets;
  publicUrl: string;
  notify: NotifyConfig;
};
