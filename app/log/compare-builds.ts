import type { Step } from '../../queue/build.ts';
import { type BuildStep, isInstruction } from './build-steps.ts';

/** Something that two builds did, in milliseconds; null where one did not, or took it from a cache. */
export type Difference = {
  name: string;
  now: number | null;
  before: number | null;
  /** What the cache did for it; null for what has no cache. */
  cache: 'missed' | 'hit' | 'none' | null;
};

/** How two builds differ. */
export type Comparison = {
  /** The first instruction that was in the cache the time before, and no longer. */
  firstMiss: string | null;
  steps: Difference[];
  /** The instructions that took longest, longest first. */
  instructions: Difference[];
};

/** What is compared of a build: the steps of its record and those of its log. */
export type Compared = { steps: Step[]; buildSteps: BuildStep[] };

const shown = 20;

/** Compares a build with an earlier one, which may not be there. */
export function compareBuilds(now: Compared, before: Compared | null): Comparison {
  const earlier = new Map(before?.buildSteps.map((step) => [step.name, step]));
  const all = now.buildSteps.filter(isInstruction).map((step) => {
    const then = earlier.get(step.name);
    return {
      name: step.name,
      now: inMilliseconds(step),
      before: then ? inMilliseconds(then) : null,
      cache: step.isCached
        ? ('hit' as const)
        : then?.isCached
          ? ('missed' as const)
          : ('none' as const),
    };
  });
  const byTime = all.toSorted((a, b) => timeOf(b) - timeOf(a));
  return {
    firstMiss: all.find(({ cache }) => cache === 'missed')?.name ?? null,
    steps: now.steps.map((step) => ({
      name: step.name,
      now: durationOf(step),
      before: durationOf(before?.steps.find(({ name }) => name === step.name)),
      cache: null,
    })),
    instructions: byTime.slice(0, shown),
  };
}

/** What comes from a cache takes no time, whatever it took to be found there. */
const timeOf = ({ now, cache }: Difference): number => (cache === 'hit' ? 0 : (now ?? 0));

const inMilliseconds = ({ seconds }: BuildStep): number | null =>
  seconds === null ? null : seconds * 1_000;

const durationOf = (step: Step | undefined): number | null =>
  step?.finishedAt ? Date.parse(step.finishedAt) - Date.parse(step.startedAt) : null;
