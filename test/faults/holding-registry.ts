import { startFaultyRegistry } from '../worker/engine/faulty-registry.ts';
import { type Hold, newHold } from './hold.ts';

/** A registry that can be made to wait at any request. */
export type HoldingRegistry = {
  /** How image names begin. */
  host: string;
  /** Holds requests whose `METHOD path` matches. */
  hold: (requests: RegExp) => Hold;
  stop: () => Promise<void>;
};

/** Stands in front of a real registry. */
export async function startHoldingRegistry(behind: string): Promise<HoldingRegistry> {
  const holds: { requests: RegExp; hold: Hold }[] = [];
  const { host, stop } = await startFaultyRegistry(behind, async ({ method, url }) => {
    const met = holds.filter(({ requests }) => requests.test(`${method} ${url}`));
    for (const { hold } of met) hold.reach();
    await Promise.all(met.map(({ hold }) => hold.released));
    return false;
  });
  return {
    host,
    stop,
    hold(requests) {
      const hold = newHold();
      holds.push({ requests, hold });
      return hold;
    },
  };
}
