import type { Store } from './build-store.ts';
import { isRefusal } from './resend-refused.ts';

/** For how long the probe stays in Redis, in seconds. */
const kept = 60;

/**
 * Null when Redis takes a write at this moment, else one sentence that says why not. A Redis that is
 * full or a replica answers questions well. Never throws; takes as long as the connection's commands.
 */
export async function writeProblem({ redis, keys }: Store): Promise<string | null> {
  try {
    await redis.set(keys.probe, '', 'EX', kept);
    return null;
  } catch (error) {
    const what = isRefusal(error as Error) ? 'takes no writes' : 'does not answer';
    return `Redis ${what} (${(error as Error).message.replace(/\.$/, '')}).`;
  }
}
