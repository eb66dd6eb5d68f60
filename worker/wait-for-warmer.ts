import { getBuild } from '../queue/build-store.ts';
import { readWarmth } from '../queue/warmth.ts';
import { listWorkers } from '../queue/workers.ts';
import type { AttemptDeps } from './attempt/attempt.ts';

/** How long a build is left to the worker that has its layers, from when it was queued, in ms. */
const patience = 2_000;

/** How long it is out of this worker's hands each time, in milliseconds. */
const pause = 200;

/**
 * Whether a build should be left to a worker on the Engine that built its rule last: milliseconds
 * to wait before anybody looks again, or null to take it. It is, for a short time, while that
 * Engine's worker says that it has room.
 */
export async function waitForWarmer(
  { store, engine }: AttemptDeps,
  id: string,
): Promise<number | null> {
  const build = await getBuild(store, id);
  if (build?.state !== 'queued' || build.attempt > 0) return null;
  if (Date.now() - Date.parse(build.queuedAt) > patience) return null;
  const rule = { repositoryId: build.repository.id, rule: build.name };
  const { builtAt } = await readWarmth(store, rule);
  const [latest] = [...builtAt].sort(([, a], [, b]) => b - a);
  if (!latest || latest[0] === (await engine().catch(() => null))?.id) return null;
  const workers = await listWorkers(store);
  const hasRoom = workers.some(
    ({ engine: its, problem, running, concurrency }) =>
      its === latest[0] && problem === null && running < concurrency,
  );
  return hasRoom ? pause : null;
}
