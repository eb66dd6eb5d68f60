import type { Change, StoredBuild } from '../../queue/build-store.ts';

/**
 * The line that ends a lost worker's part of a build's log; written in the step that takes the build
 * from it, nothing of that worker's can come after it.
 */
export function noteLost({ worker, step }: StoredBuild, next: string): NonNullable<Change['say']> {
  const text = `The worker ${worker} was lost; ${next}`;
  return { at: Date.now(), step: step ?? 'checkout', stream: 'status', text };
}
