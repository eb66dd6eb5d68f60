import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from './build-store.ts';
import { isRefusal } from './resend-refused.ts';

/** For how long the probe stays in Redis, in seconds. */
const kept = 60;

/** How long Redis may take, in milliseconds: the connection may have others wait before. */
const patience = 4_000;

/**
 * Null when Redis takes a write at this moment, else one sentence that says why not. A Redis that is
 * full or a replica answers questions well. It names no address, since everybody may read it: of a
 * connection that fails the log tells. Never throws, and takes 4 seconds at most.
 */
export async function writeProblem({ redis, keys }: Store): Promise<string | null> {
  const late = `Redis does not answer (no word from it within ${patience / 1_000} s).`;
  const answered = redis.set(keys.probe, '', 'EX', kept).then(() => null, problemOf);
  return Promise.race([answered, sleep(patience, late, { ref: false })]);
}

/** What an answer of Redis, or a connection, that failed means, in a sentence for everybody. */
export function problemOf(error: Error): string {
  if (!isRefusal(error)) return 'Redis does not answer.';
  // What follows names a node of the Cluster.
  const [why = ''] = error.message.split(/\.? Last error:/);
  return `Redis takes no writes (${why.replace(/\.$/, '')}).`;
}
