import type { Store } from '../../queue/build-store.ts';
import type { Queues } from '../../queue/queues.ts';
import type { Forge } from '../forge.ts';

/** What planning needs. */
export type Planner = {
  store: Store;
  queues: Queues;
  forge: Forge;
  /** Where images go, e.g. `ghcr.io`. */
  registry: string;
  /** Where images may go besides an owner's own part of the registry (IMAGE_NAMESPACES). */
  namespaces: string[];
  publicUrl: string;
  /** Whether what is planned may have been built before, on a Redis that has forgotten it. */
  mayBeKnown?: boolean;
};
