import type { Logger } from 'pino';
import type { Archive } from '../queue/archive.ts';
import type { Store } from '../queue/build-store.ts';
import type { Queues } from '../queue/queues.ts';
import type { Gate } from './access.ts';
import type { LogFeeds } from './log/log-feeds.ts';
import type { Metrics } from './metrics.ts';
import type { Planner } from './plan/planner.ts';

/** What the web routes need. */
export type WebDeps = {
  store: Store;
  queues: Queues;
  archive: Archive;
  feeds: LogFeeds;
  gate: Gate;
  metrics: Metrics;
  planner: Planner;
  publicUrl: string;
  /** The page that registers a GitHub App; null where there is one. */
  setUpPath: string | null;
  log: Logger;
  /** Fires when the process stops, so that open streams end. */
  stopping: AbortSignal;
};
