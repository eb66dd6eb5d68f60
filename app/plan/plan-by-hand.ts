import { randomUUID } from 'node:crypto';
import type { Repository } from '../../queue/build.ts';
import { type Planned, planCommit } from './plan-commit.ts';
import type { Planner } from './planner.ts';

/**
 * Builds a branch, a tag or a commit because somebody asked for it. Each time is a build of its
 * own, of which the record says by whose login, if that is known; filters of the rules do not count. Returns null for a ref that is not there.
 */
export async function planByHand(
  planner: Planner,
  repository: Repository,
  ref: string,
  by: string | null,
): Promise<Planned | null> {
  const commit = await planner.forge.commit(repository, ref);
  if (!commit) return null;
  const { sha, message, author } = commit;
  return planCommit(planner, {
    ...{ repository, sha, message, author },
    ref: commit.ref ?? '',
    event: 'manual',
    asked: { kind: 'hand', by },
    ...{ before: null, baseRef: null, pullRequest: null, forced: false, follows: null },
    committedAt: new Date(commit.committedAt),
    pushedAt: Math.floor(Date.now() / 1_000),
    cache: true,
    cause: ['manual', String(repository.id), sha, randomUUID()],
  });
}
