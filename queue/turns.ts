import type { Build } from './build.ts';
import type { Store } from './build-store.ts';
import { takeTurnScript } from './turn-script.ts';

/** BullMQ takes no larger priority (https://docs.bullmq.io/guide/jobs/prioritized). */
const latest = 2_097_152;

/**
 * The turn in which a build is to run, from 1, as BullMQ's priority: lower ones first, and within
 * one first come, first served. An owner has one build in each turn, so that however many one has
 * waiting, another's first build comes after at most one of them (start-time fair queueing,
 * https://doi.org/10.1145/248157.248171). Null for a build that waits or runs already.
 */
export async function takeTurn(
  { redis, keys }: Store,
  { id, repo }: Pick<Build, 'id' | 'repo'>,
): Promise<number | null> {
  const owner = repo.split('/', 1)[0]?.toLowerCase() ?? '';
  const queue = `${keys.bull}:builds`;
  const job = `${queue}:${id}`;
  const all = [keys.turns, `${queue}:prioritized`, job, keys.buildsIn('queued')];
  const turn = Number(await redis.eval(takeTurnScript, all.length, ...all, owner));
  return turn === 0 ? null : Math.min(turn, latest);
}
