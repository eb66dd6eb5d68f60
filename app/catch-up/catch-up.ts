import type { Logger } from 'pino';
import type { Store } from '../../queue/build-store.ts';
import { BudgetSpent } from '../../queue/calls.ts';
import { areRecorded } from '../../queue/deliveries.ts';
import type { Queues } from '../../queue/queues.ts';
import { advanceScript } from '../../queue/recovery-scripts.ts';
import { isActedOn } from '../webhook/read-trigger.ts';
import { bringIn } from './bring-in.ts';
import type { Attempt, DeliveryLog } from './delivery-log.ts';
import { allMissed, noteMissed, putOff, settleMissed } from './missed.ts';
import { isRefusal } from './refusals.ts';

/** What catching up needs. */
export type CatchUp = { store: Store; queues: Queues; deliveries: DeliveryLog; log: Logger };

/** How far back a Slipway looks that was never told how far it got, in milliseconds. */
const firstLook = 3_600_000;

/** GitHub lists an attempt only once it has ended, and may be late with it, in milliseconds. */
const overlap = 600_000;

/**
 * Compares GitHub's list of deliveries with what is recorded here, and brings in what is missing.
 * It can be stopped anywhere and done again. Throws where GitHub or Redis does not answer, and
 * BudgetSpent.
 */
export async function catchUp(deps: CatchUp, signal: AbortSignal): Promise<void> {
  const { store, deliveries } = deps;
  const mark = await markOf(store);
  const { attempts, asOf } = await deliveries.attempts((now) =>
    mark === null ? now - firstLook : mark - overlap,
  );
  const newest = newestOf(attempts.filter(({ event, action }) => isActedOn(event, action)));
  const recorded = await areRecorded(
    store,
    newest.map(({ guid }) => guid),
  );
  for (const attempt of newest) {
    signal.throwIfAborted();
    if (!recorded.has(attempt.guid)) await noteMissed(store, attempt, !isRefusal(attempt.code));
  }
  // From here on what is missing is noted, so the list need not be read again for it.
  await advance(store, 'mark', asOf);
  await bringInMissed(deps, signal);
  await advance(store, 'caughtUpAt', Date.now());
}

async function bringInMissed(deps: CatchUp, signal: AbortSignal): Promise<void> {
  const { store } = deps;
  const missed = await allMissed(store);
  const recorded = await areRecorded(
    store,
    missed.map(({ guid }) => guid),
  );
  let resent = 0;
  const failures: Error[] = [];
  for (const one of missed) {
    signal.throwIfAborted();
    if (recorded.has(one.guid)) {
      await settleMissed(store, one, one.resent > 0 ? 'redelivery' : 'late');
    } else if (one.due <= Date.now()) {
      try {
        if ((await bringIn(deps, one, resent)) === 'resent') resent += 1;
      } catch (error) {
        if (error instanceof BudgetSpent) throw error;
        // GitHub may have trouble with this one alone; those that came after it are not to wait.
        failures.push(error as Error);
        await putOff(store, one, Date.now() + pause);
        if (failures.length === mostFailures) break;
      }
    }
  }
  if (failures[0]) throw failures[0];
}

/** When a delivery that GitHub could not hand out is asked for again, in milliseconds. */
const pause = 30_000;

/** After so many in one go the rest is left to the next: GitHub may be away, and each costs a call. */
const mostFailures = 5;

/** The newest attempt of each delivery, in the order in which GitHub sent them. */
function newestOf(attempts: Attempt[]): Attempt[] {
  const oldestFirst = [...attempts].sort((a, b) => a.id - b.id);
  return [...new Map(oldestFirst.map((attempt) => [attempt.guid, attempt])).values()];
}

async function markOf({ redis, keys }: Store): Promise<number | null> {
  const mark = await redis.hget(keys.recovery, 'mark');
  return mark === null ? null : Number(mark);
}

/** Moves a time in milliseconds forward, never back. */
async function advance({ redis, keys }: Store, field: 'mark' | 'caughtUpAt', to: number) {
  await redis.eval(advanceScript, 1, keys.recovery, field, to);
}
