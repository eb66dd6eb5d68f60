import type { Step, StepName } from '../../queue/build.ts';
import { changeBuild, getBuild, type Store, type StoredBuild } from '../../queue/build-store.ts';
import { lost } from './stop.ts';

/** Runs a step and keeps its time in the record; what it returns is added to the step. */
export type StepRunner = <T>(name: StepName, work: () => Promise<T>) => Promise<T>;

/**
 * Runs the steps of one attempt, one after the other, and shows each in the record. An attempt whose
 * build is another's by now begins none: that throws a Stop. `soFar` has the steps as they are by now; the
 * end of one that failed is for the end of the attempt to write.
 */
export function createStepRunner(
  store: Store,
  { id, fence }: StoredBuild,
): { step: StepRunner; soFar: readonly Step[] } {
  const steps: Step[] = [];
  const show = async (step: StepName): Promise<void> => {
    const change = { within: ['running'], fence, set: { step, steps } } as const;
    if ((await changeBuild(store, id, change)) !== 'ok') throw lost(await getBuild(store, id));
  };
  const run: StepRunner = async (name, work) => {
    const step: Step = { name, startedAt: new Date().toISOString(), finishedAt: null };
    steps.push(step);
    await show(name);
    const result = await work().finally(() => {
      step.finishedAt = new Date().toISOString();
    });
    if (result instanceof Object && 'cached' in result && 'total' in result) {
      step.cached = Number(result.cached);
      step.total = Number(result.total);
    }
    await show(name);
    return result;
  };
  return { step: run, soFar: steps };
}
