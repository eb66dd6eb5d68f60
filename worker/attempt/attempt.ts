import type { QueueEvents } from 'bullmq';
import type Docker from 'dockerode';
import type { Logger } from 'pino';
import type { Store, StoredBuild } from '../../queue/build-store.ts';
import type { WorkerConfig } from '../../queue/config.ts';
import type { KnownImage } from '../../queue/known-images.ts';
import type { Queues } from '../../queue/queues.ts';
import type { WorkerDisk } from '../disk/worker-disk.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import type { BuildContext } from '../git/context.ts';
import type { Mirrors } from '../git/mirrors.ts';
import type { LogWriter } from '../log/log-writer.ts';
import type { BaseMemory } from '../reuse/base-images.ts';
import type { StepRunner } from './steps.ts';

/** What running builds needs. */
export type AttemptDeps = {
  store: Store;
  queues: Queues;
  events: QueueEvents;
  docker: Docker;
  mirrors: Mirrors;
  disk: WorkerDisk;
  engine: () => Promise<EngineFacts>;
  baseMemory: BaseMemory;
  config: WorkerConfig;
  /** Docker's configuration folder, where credentials for registries are. */
  dockerConfig: string;
  env: NodeJS.ProcessEnv;
  worker: string;
  log: Logger;
};

/** What an attempt that went well leaves behind. */
export type Finished = {
  /** The manifest's in the registry; null for an image that is not pushed. */
  digest: string | null;
  size: number;
  tags: string[];
  /** A sentence for each tag that shows a newer push. */
  kept: string[];
  /** The earlier image that stands for this build's; null where one was built. */
  reused: KnownImage | null;
  /** What the image was made of; null where that cannot be told. */
  fingerprint: string | null;
  context: BuildContext;
  /** Whether base images were taken from their registries even where the Engine had them. */
  pull: boolean;
  /** How many instructions were not taken from the cache. */
  ran: number;
};

/** One attempt's own things. */
export type AttemptContext = {
  build: StoredBuild;
  signal: AbortSignal;
  /** Fires when the worker stops; the attempt's own signal does so too, among others. */
  stopping: AbortSignal;
  log: LogWriter;
  step: StepRunner;
  /** Values that must not appear in the log; grows as the attempt learns them. */
  secrets: string[];
};
