import type Docker from 'dockerode';
import type { EngineLine } from '../engine/plain-progress.ts';

/** What every test of an image needs, whatever it runs. */
export type TestRun = {
  docker: Docker;
  /** Unique in the Engine; containers, networks and volumes begin with it. */
  name: string;
  /** By which leftovers of a lost worker are found. */
  labels: Record<string, string>;
  /** What each container may use, in bytes. */
  memory: number;
  signal: AbortSignal;
  /** Told of each image that is not built here, and whether it was pulled for this run. */
  onImage: (name: string, isPulled: boolean) => Promise<void>;
  /** Called for every line of output, in order; reading waits for a promise it returns. */
  onLine: (line: EngineLine) => void | Promise<void>;
};
