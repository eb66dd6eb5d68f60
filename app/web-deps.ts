import type { Logger } from 'pino';
import type { Archive } from '../queue/archive.ts';
import type { Store } from '../queue/build-store.ts';
import type { Finding } from '../queue/finding.ts';
import type { Queues } from '../queue/queues.ts';
import type { Gate } from './access.ts';
import type { DeliveryLog } from './catch-up/delivery-log.ts';
import type { LogFeeds } from './log/log-feeds.ts';
import type { Metrics } from './metrics.ts';
import type { NotifyConfig } from './notify/notifier.ts';
import type { Planner } from './plan/planner.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import type { Installed } from './sweep/installed.ts';

/** What is asked after pushes that did not arrive. */
export type Recovery = {
  installed: Installed;
  /** How many calls an hour asking GitHub may cost; null where there is no GitHub. */
  catchUp: { deliveries: DeliveryLog; budget: number } | null;
};

/** What the web routes need. */
export type WebDeps = {
  store: Store;
  queues: Queues;
  archive: Archive;
  feeds: LogFeeds;
  gate: Gate;
  metrics: Metrics;
  planner: Planner;
  recovery: Recovery;
  publicUrl: string;
  /** Null where nobody signs in: without the App's client secret, and without GitHub. */
  signIn: SignIn | null;
  /** How often it is asked again whether the reader of a stream may still read, in milliseconds. */
  recheckInterval: number;
  /** What is right and wrong with the GitHub App and its webhooks now. */
  lookAtGitHub: () => Promise<Finding[]>;
  notify: NotifyConfig;
  /** The page that registers a GitHub App; null where there is one. */
  setUpPath: string | null;
  log: Logger;
  /** Whether Redis was found fit to be the database, see queue/check-redis.ts. */
  isRedisFit: () => boolean;
  /** Fires when the process stops, so that open streams end. */
  stopping: AbortSignal;
};
