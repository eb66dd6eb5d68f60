import type { WebConfig } from '../queue/config.ts';
import { forgetDeliveries } from '../queue/deliveries.ts';
import { forgetBuilds } from '../queue/forget-builds.ts';
import { inTurn } from '../queue/lock.ts';
import { removeLogs } from '../queue/remove-logs.ts';
import { type Removable, removables } from './metrics.ts';
import type { WebDeps } from './web-deps.ts';

/** How much is kept, as the environment says it. */
export type Kept = Pick<
  WebConfig,
  'KEEP_BUILDS' | 'KEEP_BUILDS_FOR' | 'KEEP_LOGS_FOR' | 'KEEP_DELIVERIES'
>;

/** How often one of the web processes tidies up, in milliseconds. */
const period = 3_600_000;

/** How often each looks whether it is time, in milliseconds. */
const interval = 60_000;

/**
 * Removes, once an hour in one of the web processes, the records, logs and deliveries that need not
 * be kept. Returns a function that ends it, after what is under way.
 */
export function startTidying(deps: WebDeps, kept: Kept): () => Promise<void> {
  const look = async (): Promise<void> => {
    await inTurn(deps.store, 'tidy', period, deps.stopping, () => tidy(deps, kept));
  };
  let running = Promise.resolve();
  const begin = (): void => {
    running = running.then(look).catch((error: Error) => {
      deps.log.warn(
        { err: error },
        'Old records could not be removed; it is tried again in an hour',
      );
    });
  };
  begin();
  const timer = setInterval(begin, interval);
  return () => {
    clearInterval(timer);
    return running;
  };
}

async function tidy(
  { store, archive, metrics, log, stopping }: WebDeps,
  kept: Kept,
): Promise<void> {
  const builds = { count: kept.KEEP_BUILDS, age: kept.KEEP_BUILDS_FOR };
  const work: Record<Removable, () => Promise<number>> = {
    builds: () => forgetBuilds(store, archive, builds, stopping),
    logs: () => removeLogs(store, archive, kept.KEEP_LOGS_FOR, stopping),
    deliveries: () => forgetDeliveries(store, kept.KEEP_DELIVERIES),
  };
  for (const what of removables) {
    const number = await work[what]();
    metrics.countRemoved(what, number);
    if (number > 0) log.info(`Removed ${number} old ${what}`);
  }
}
