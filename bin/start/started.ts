import type { RunningProcess } from '../embedded/process.ts';

/** Something that this start brought up and has to take down again. */
export type Started = {
  process?: RunningProcess;
  stop(): Promise<void>;
};
