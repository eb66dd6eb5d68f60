import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../queue/build-store.ts';
import { type Finding, good, notLooked, wrong } from '../../queue/finding.ts';
import { listWorkers } from '../../queue/workers.ts';

/** What the workers that are there say of themselves: each looks at its engine, registry and disks. */
export async function lookAtWorkers(store: Store): Promise<Finding[]> {
  const workers = await Promise.race([
    listWorkers(store).catch(() => null),
    sleep(patience, null, { ref: false }),
  ]);
  if (workers === null) {
    return [notLooked('Workers', 'Not known: Redis, by which they are heard of, does not answer.')];
  }
  if (workers.length === 0) {
    const todo =
      'Start one: node --enable-source-maps dist/worker/main.js, with the same REDIS_URL.';
    return [wrong('Workers', 'None is there, so that builds wait.', todo)];
  }
  return workers.map(({ name, problem, running, concurrency }) =>
    problem === null
      ? good(`Worker ${name}`, `It takes builds, and runs ${running} of ${concurrency}.`)
      : wrong(`Worker ${name}`, `It takes no builds: ${problem}.`.replace(/\.\.$/, '.'), null),
  );
}

/** How long Redis may take to tell, in milliseconds. */
const patience = 2_000;
