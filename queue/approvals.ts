import { settleApprovalScript } from './approval-script.ts';
import type { Store } from './build-store.ts';
import type { PullRequest } from './trigger.ts';

/** Writes down the newest commit of a fork's pull request that waits to be allowed. */
export async function awaitApproval({ redis, keys }: Store, pull: PullRequest): Promise<void> {
  const { repository, number } = pull;
  await redis.hset(keys.approvals(repository.id), String(number), JSON.stringify(pull));
}

/** What of a pull request waits to be allowed, or null. */
export async function pendingApproval(
  { redis, keys }: Store,
  repositoryId: number,
  number: number,
): Promise<PullRequest | null> {
  const text = await redis.hget(keys.approvals(repositoryId), String(number));
  return text === null ? null : (JSON.parse(text) as PullRequest);
}

/** Forgets what was allowed, unless a newer commit waits by now. */
export async function settleApproval({ redis, keys }: Store, pull: PullRequest): Promise<void> {
  const { repository, number } = pull;
  const key = keys.approvals(repository.id);
  await redis.eval(settleApprovalScript, 1, key, String(number), JSON.stringify(pull));
}
