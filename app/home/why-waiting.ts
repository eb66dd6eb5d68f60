import type { Build } from '../../queue/build.ts';
import type { WorkerPresence } from '../../queue/workers.ts';

/**
 * Why a build waits, in one sentence that a stranger may read as well: no worker is named, and what
 * ails one is said to insiders elsewhere. `place` is how many builds are taken before it, null while
 * no worker may take it.
 */
export function whyWaiting(
  { reason }: Pick<Build, 'reason'>,
  place: number | null,
  workers: Pick<WorkerPresence, 'problem' | 'running' | 'concurrency'>[],
): string {
  // Such as a worker that was lost: what made it wait again says more than its place.
  const before = reason && reason !== 'Waiting for a worker.' ? `${reason} ` : '';
  if (workers.length === 0) return `${before}No worker is there to take it.`;
  const able = workers.filter(({ problem }) => problem === null);
  if (able.length === 0) return `${before}No worker takes builds at the moment.`;
  if (place === null) return `${before}It is about to begin, or to be tried again.`;
  if (place > 0) return `${before}Behind ${place === 1 ? '1 other' : `${place} others`}.`;
  const isFull = able.every(({ running, concurrency }) => running >= concurrency);
  return `${before}Next${isFull ? ', once a worker has a place' : ''}.`;
}
