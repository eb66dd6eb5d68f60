import type { LogLine } from '../../queue/build.ts';

/** One of BuildKit's steps as a log tells of it. */
export type BuildStep = {
  number: number;
  /** As BuildKit names it, e.g. `[build 2/4] RUN npm ci`. */
  name: string;
  isCached: boolean;
  /** What it took; null for one from the cache, and for one that did not come to its end. */
  seconds: number | null;
};

/** A Dockerfile with more instructions is not compared to its end. */
const mostSteps = 1_000;

/**
 * The steps of the last run of BuildKit in a log, in the order in which they began. Of a command's
 * own output nothing is believed: only lines that Slipway or BuildKit wrote count.
 */
export async function readBuildSteps(lines: AsyncIterable<LogLine[]>): Promise<BuildStep[]> {
  let steps = new Map<number, BuildStep>();
  for await (const piece of lines) {
    for (const { step, stream, text } of piece) {
      if (step !== 'build' || stream !== 'status') continue;
      const [, id = '', rest = ''] = /^#(\d{1,6}) (.*)$/.exec(text) ?? [];
      if (id === '') continue;
      const number = Number(id);
      // The next attempt counts from 1 again.
      if (number === 1 && rest === steps.get(1)?.name) steps = new Map();
      const known = steps.get(number);
      if (known) note(known, rest);
      else if (steps.size < mostSteps) {
        steps.set(number, { number, name: rest, isCached: false, seconds: null });
      }
    }
  }
  return [...steps.values()];
}

function note(step: BuildStep, text: string): void {
  if (text === 'CACHED') step.isCached = true;
  const seconds = /^DONE (\d+\.\d)s$/.exec(text)?.[1];
  if (seconds) step.seconds = Number(seconds);
}

/**
 * Whether a step stands for an instruction of the Dockerfile other than FROM. Every repeat has a
 * bound: whoever writes the Dockerfile writes the name, and has it tried at each of its digits.
 */
export const isInstruction = ({ name }: BuildStep): boolean =>
  /^\[[^\]]{0,300}?\d{1,5}\/\d{1,5}\] (?!FROM )/.test(name);
