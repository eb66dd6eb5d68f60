import type { Logger } from 'pino';
import type { Store } from '../queue/build-store.ts';
import type { WebConfig } from '../queue/config.ts';
import type { Queues } from '../queue/queues.ts';
import type { Forge } from './forge.ts';
import type { Metrics } from './metrics.ts';
import type { Mount } from './web.ts';
import type { WebDeps } from './web-deps.ts';

/** What is another thing with GitHub than on a machine by itself. */
export type ForgeParts = { forge: Forge; mount: Mount } & Pick<
  WebDeps,
  'recovery' | 'lookAtGitHub'
>;

/** What these parts are made of. */
export type PartsDeps = {
  config: WebConfig;
  store: Store;
  queues: Queues;
  metrics: Metrics;
  publicUrl: string;
  log: Logger;
};
