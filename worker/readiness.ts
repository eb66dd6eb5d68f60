import type Docker from 'dockerode';
import type { WorkerDisk } from './disk/worker-disk.ts';
import { engineProblem } from './engine/connect.ts';
import { registryProblem } from './registry/reachable.ts';

/** How often a worker looks whether it can build, in milliseconds; more often while it cannot. */
const interval = { ready: 10_000, unready: 2_000 };

/**
 * Looks again and again whether the Engine and the registry answer and the disks have room, and tells `onChange` when
 * that changed: null if builds can run, else a sentence that says why not. Returns a function that
 * ends it, after the first answer is known.
 */
export async function watchReadiness(
  docker: Docker,
  disk: WorkerDisk,
  registry: string,
  onChange: (problem: string | null) => void,
): Promise<() => void> {
  let last: string | null | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const look = async (): Promise<void> => {
    const problem =
      (await engineProblem(docker)) ??
      (await disk.problem()) ??
      (await registryProblem(registry, 5_000));
    if (ended) return;
    if (problem !== last) onChange(problem);
    last = problem;
    timer = setTimeout(look, problem === null ? interval.ready : interval.unready);
  };
  await look();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
