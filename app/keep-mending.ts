import { type Repair, type RepairDeps, repair } from '../queue/repair.ts';
import { again } from './again.ts';
import type { Forge } from './forge.ts';
import { closeOpenChecks, type OpenChecks } from './report/close-open-checks.ts';
import type { WebDeps } from './web-deps.ts';

/** The pause between two looks, in milliseconds. */
const pause = 3_000;

/**
 * Looks again and again for what is out of order in the record, the queues and on GitHub, mends it
 * and counts it. Returns a function that ends it.
 */
export function keepMending(deps: WebDeps, forge: Forge, longestWait: number): () => void {
  const { store, queues, log } = deps;
  const looked: RepairDeps = { store, queues, longestWait, suspects: new Set() };
  const open: OpenChecks = { store, forge, log, leftAlone: new Map() };
  const count = (what: Repair, times: number): void => {
    if (times === 0) return;
    deps.metrics.countRepairs(what, times);
    log.warn({ what, times }, 'Something was out of order and is mended');
  };
  const tell = (error: Error) => log.debug(error.message);
  const mend = async (): Promise<void> => {
    for (const what of await repair(looked)) count(what, 1);
  };
  // By itself: a slow GitHub is not to hold up the rest.
  const close = async () => count('open on GitHub', await closeOpenChecks(open));
  const ends = [again(mend, pause, tell), again(close, pause, tell)];
  return () => {
    for (const end of ends) end();
  };
}
