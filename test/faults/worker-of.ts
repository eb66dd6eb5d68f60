import { end, type Process, type Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';

/** The process of the worker that runs the newest build of a commit. */
export async function workerOf(slipway: Slipway, sha: string): Promise<Process> {
  const name = await until('a worker has it', async () => (await slipway.build(sha))?.worker);
  const all = slipway.processes.workers;
  return until(`the process of ${name} is known`, () =>
    all.find(({ output }) => output().includes(`${name}`)),
  );
}

/** Kills the worker that runs the newest build of a commit, and starts another in its place. */
export async function killWorkerOf(slipway: Slipway, sha: string): Promise<void> {
  const worker = await workerOf(slipway, sha);
  const { workers } = slipway.processes;
  workers.splice(workers.indexOf(worker), 1, slipway.startWorker());
  await end(worker, 'SIGKILL');
}
