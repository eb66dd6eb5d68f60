import { pendingApproval } from '../../queue/approvals.ts';
import { saveRepository } from '../../queue/repositories.ts';
import type { BuildComment, PullRequest } from '../../queue/trigger.ts';
import type { PullHead } from '../forge.ts';
import { knownCommit } from './known-commit.ts';
import { planCommit } from './plan-commit.ts';
import { allow, refuse } from './plan-pull-request.ts';
import type { Planner } from './planner.ts';

/**
 * Does what somebody with write access ordered by `/slipway build`: a fork's head is allowed, a
 * branch's is built again. What is built is what was the head when the comment was written; where
 * that cannot be proven, nothing is.
 */
export async function obeyComment(planner: Planner, told: BuildComment): Promise<string> {
  const { store, forge } = planner;
  const { number, by, sha } = told;
  const repository = await saveRepository(store, told.repository);
  const comment = { ...told, repository };
  if ((await forge.permission(repository, by)) !== 'write') {
    return `Refused: ${by} may not write to ${repository.fullName}.`;
  }
  const head = await forge.pullRequest(repository, number);
  if (!head) return `Nothing to do: pull request ${number} is not open.`;
  if (sha !== null && !head.sha.startsWith(sha)) {
    return `Refused: the head of pull request ${number} is ${head.sha}, not ${sha}.`;
  }
  if (!head.isFork) return buildAgain(planner, comment, head);
  const pending = await pendingApproval(store, repository.id, number);
  const doubt = doubtOf(comment, head, pending);
  if (!doubt) {
    return allow(planner, pending?.sha === head.sha ? pending : pullOf(comment, head), by);
  }
  const way = `Look at it again, then comment \`/slipway build ${head.sha}\` or press *Build*.`;
  await refuse(planner, comment, head.sha, `${doubt} ${way}`);
  return `Refused: ${doubt}`;
}

/**
 * Why a comment might mean another commit than the fork's head; null if it cannot. Whoever owns
 * the fork can push while the comment is being written, and can make a commit whose id begins with
 * any digits; only all forty are proof by themselves. GitHub's clock shows whole seconds, so a
 * head of the same second may be newer.
 */
function doubtOf(
  { sha, writtenAt }: BuildComment,
  head: PullHead,
  pending: PullRequest | null,
): string | null {
  if (sha === head.sha) return null;
  if (pending?.sha !== head.sha) return `Commit ${head.sha} was not known when that was ordered.`;
  if (pending.headSince < writtenAt) return null;
  return `Commit ${head.sha} may have come after the comment was written.`;
}

/** The pull request as GitHub described it now, of which no event may have told. */
function pullOf(comment: BuildComment, head: PullHead): PullRequest {
  const { repository, number, writtenAt } = comment;
  const times = { updatedAt: writtenAt, headSince: writtenAt };
  return { kind: 'pull request', repository, number, ...head, ...times };
}

/** Builds a branch's commit for its pull request once more; filters of the rules do not count. */
async function buildAgain(
  planner: Planner,
  comment: BuildComment,
  { sha, baseRef }: PullHead,
): Promise<string> {
  const { repository, number, id, by } = comment;
  const { message, author, committedAt } = await knownCommit(planner, repository, sha);
  const { outcome } = await planCommit(planner, {
    ...{ repository, sha, baseRef, message, author },
    ref: `refs/pull/${number}/head`,
    event: 'manual',
    asked: { kind: 'comment', by },
    ...{ before: null, forced: false, follows: null },
    committedAt: new Date(committedAt),
    pushedAt: comment.writtenAt,
    pullRequest: { number, isFork: false },
    cache: true,
    cause: ['comment', String(repository.id), String(id)],
  });
  return outcome;
}
