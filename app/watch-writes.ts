import { setTimeout as sleep } from 'node:timers/promises';
import { writeProblem } from '../queue/write-probe.ts';
import type { WebDeps } from './web-deps.ts';

/** How often it is looked whether Redis takes writes, in milliseconds. */
const interval = 5_000;

/** Says in the log when Redis begins to refuse writes, which closes no connection, and when that is over. */
export async function watchWrites({ store, log, stopping }: WebDeps): Promise<void> {
  let known: string | null = null;
  while (!stopping.aborted) {
    const problem = await writeProblem(store);
    if (problem !== null && known === null)
      log.error(`${problem} Webhooks and pushes are answered 503 until it does.`);
    if (problem === null && known !== null) log.info('Redis takes writes again');
    known = problem;
    await sleep(interval, undefined, { signal: stopping }).catch(() => {});
  }
}
