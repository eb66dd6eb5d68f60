import type { Store } from './build-store.ts';
import { spendScript } from './recovery-scripts.ts';

/** Who asks GitHub after pushes that did not arrive; each has a budget of its own. */
export const callers = ['catch-up', 'sweep'] as const;

/** One of those who ask. */
export type Caller = (typeof callers)[number];

/** The hour's calls are used up, by all web processes together; `until` is when the next begins. */
export class BudgetSpent extends Error {
  override name = 'BudgetSpent';
  readonly until: Date;
  /** Whether nobody was refused before in this hour. */
  readonly isFirst: boolean;

  constructor(by: Caller, until: Date, isFirst: boolean) {
    super(
      `The calls that CATCH_UP_BUDGET allows the ${by} in an hour are used up; it goes on at ${until.toISOString()}.`,
    );
    this.until = until;
    this.isFirst = isFirst;
  }
}

const hour = 3_600_000;

/** Counts one call of GitHub's API that is about to be made. Throws BudgetSpent where it may not. */
export async function spendCall({ redis, keys }: Store, by: Caller, budget: number): Promise<void> {
  const now = Math.floor(Date.now() / hour);
  const counted = [keys.calls(by, now), keys.recovery];
  const refused = await redis.eval(spendScript, 2, ...counted, budget, 7_200, `calls:${by}`);
  if (refused !== 0) throw new BudgetSpent(by, new Date((now + 1) * hour), refused === 1);
}

/** How many calls were made in this hour. */
export async function callsThisHour({ redis, keys }: Store, by: Caller): Promise<number> {
  const made = await redis.hget(keys.calls(by, Math.floor(Date.now() / hour)), 'made');
  return Number(made ?? 0);
}
