import type { RunningProcess } from '../embedded/process.ts';

/** Something that this start brought up and has to take down again. */
export type Started = {
  process?: RunningProcess;
  /** Gives it its own time to end, or `shorter` milliseconds. */
  stop(shorter?: number): Promise<void>;
};
