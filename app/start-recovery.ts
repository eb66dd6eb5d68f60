import { setTimeout as sleep } from 'node:timers/promises';
import { BudgetSpent } from '../queue/calls.ts';
import type { WebConfig } from '../queue/config.ts';
import { inTurn } from '../queue/lock.ts';
import { enqueueSweep } from '../queue/queues.ts';
import { catchUp } from './catch-up/catch-up.ts';
import type { WebDeps } from './web-deps.ts';

/**
 * Starts looking for pushes that did not arrive, at once and then again and again until the process
 * stops; of all web processes one does it at a time. It is left where it is then, and done again.
 */
export function startRecovery(
  { store, queues, log, stopping, recovery }: WebDeps,
  { CATCH_UP_INTERVAL, SWEEP_INTERVAL }: WebConfig,
): void {
  const sweep = () => enqueueSweep(queues, 'everything');
  const { deliveries } = recovery.catchUp ?? {};
  const tasks: { [name: string]: { interval: number; work: Work } } = deliveries
    ? {
        'catch-up': {
          interval: CATCH_UP_INTERVAL,
          work: (signal) => catchUp({ store, queues, deliveries, log }, signal),
        },
        sweep: { interval: SWEEP_INTERVAL, work: sweep },
      }
    : // Repositories on this machine's disk cost no calls, and nothing else finds their pushes.
      { sweep: { interval: CATCH_UP_INTERVAL, work: sweep } };
  for (const [name, { interval, work }] of Object.entries(tasks)) {
    const told = telling(work, name, log);
    repeat(stopping, () => inTurn(store, name, interval, stopping, told));
  }
}

type Work = (signal: AbortSignal) => Promise<void>;

/** How often each process asks for its turn, in milliseconds: whoever had the last one may be gone. */
const patience = 1_000;

async function repeat(stopping: AbortSignal, ask: () => Promise<unknown>): Promise<void> {
  while (!stopping.aborted) {
    // Redis is away; everything else tells of it.
    await ask().catch(() => {});
    await sleep(patience, undefined, { signal: stopping }).catch(() => {});
  }
}

/** The same work, which says in the log when it begins to fail, and once an hour's budget is spent. */
function telling(work: Work, name: string, log: WebDeps['log']) {
  let fails = false;
  return async (signal: AbortSignal): Promise<void> => {
    try {
      await work(signal);
      fails = false;
    } catch (error) {
      if (signal.aborted) return;
      const { message } = error as Error;
      if (!(error instanceof BudgetSpent)) {
        if (!fails) log.warn(`The ${name} does not work and is tried again: ${message}`);
        fails = true;
      } else if (error.isFirst) log.warn(message);
    }
  };
}
