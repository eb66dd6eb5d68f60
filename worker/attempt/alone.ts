import { withLock } from '../../queue/lock.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';
import type { KnownInputs } from './find-earlier.ts';

/**
 * Runs `work` while no other attempt on any worker makes an image of the same commit, whose name and
 * tag both would use, or, where one may stand for the other, of the same inputs: a branch and a tag
 * pushed together are one build. `work` gets an attempt that also ends when that is no longer so.
 */
export async function alone(
  { store }: AttemptDeps,
  attempt: AttemptContext,
  { fingerprint }: KnownInputs,
  work: (attempt: AttemptContext) => Promise<void>,
): Promise<void> {
  const { build, signal, log } = attempt;
  const names = [`image:${build.image}:${build.sha}`];
  if (fingerprint !== null && mayReuse(attempt)) names.push(`inputs:${fingerprint}`);
  const onWait = () =>
    void log.write(
      'checkout',
      'status',
      'Another build of the same is under way; waiting for its end',
    );
  const lockNext = (during: AbortSignal, [name, ...rest]: string[]): Promise<void> =>
    name === undefined
      ? work({ ...attempt, signal: during })
      : withLock(store, name, during, (locked) => lockNext(locked, rest), onWait);
  await lockNext(signal, names);
}

/** Whether an earlier image may stand for this build's. */
export const mayReuse = ({ build: { recipe } }: AttemptContext): boolean =>
  recipe.reuse && recipe.cache;
