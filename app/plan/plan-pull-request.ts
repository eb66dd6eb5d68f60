import { awaitApproval, pendingApproval, settleApproval } from '../../queue/approvals.ts';
import type { Cause, Repository } from '../../queue/build.ts';
import { getRepository, saveRepository } from '../../queue/repositories.ts';
import type { Approval, BuildComment, PullRequest } from '../../queue/trigger.ts';
import type { CheckNote } from '../forge.ts';
import { knownCommit } from './known-commit.ts';
import { planCommit } from './plan-commit.ts';
import { skipMarker } from './plan-push.ts';
import type { Planner } from './planner.ts';

/** What the check that waits for somebody to let a fork's commit be built always has. */
const waiting = {
  name: 'slipway / approval',
  conclusion: 'action_required',
  actions: [{ label: 'Build', description: 'Build this very commit.', identifier: 'approve' }],
} as const satisfies Partial<CheckNote>;

/**
 * Builds a pull request's head without pushing an image. A fork's runs only after somebody with
 * write access has let that very commit: until then a check says so and offers the button.
 */
export async function planPullRequest(planner: Planner, told: PullRequest): Promise<string> {
  const { store, forge } = planner;
  const { number, sha, isFork } = told;
  const repository = await saveRepository(store, told.repository);
  const pull = { ...told, repository };
  if (!isFork) return buildPullRequest(planner, pull);
  await awaitApproval(store, pull);
  await forge.postCheck(repository, sha, {
    ...waiting,
    externalId: `pull-${number}-${sha}`,
    title: 'Waiting for somebody with write access',
    summary:
      'This commit comes from a fork, so nothing of it runs by itself. Look at its changes, then ' +
      `press *Build* here or comment \`/slipway build ${sha}\`. It is built without secrets, and a ` +
      'new commit has to be allowed again.',
  });
  return `Pull request ${number} is from a fork; commit ${sha} waits for approval.`;
}

/** Builds the fork's commit that somebody allowed, if that somebody may, and it is still the head. */
export async function approvePullRequest(planner: Planner, approval: Approval): Promise<string> {
  const { store, forge } = planner;
  const { repositoryId, number, by } = approval;
  const pull = await pendingApproval(store, repositoryId, number);
  if (!pull) return `Nothing to do: pull request ${number} waits for no approval.`;
  if (pull.sha !== approval.sha) {
    return `Nothing to do: pull request ${number} has a newer commit, ${pull.sha}.`;
  }
  const repository = await presentOf(planner, pull);
  if ((await forge.permission(repository, by)) !== 'write') {
    return `Refused: ${by} may not write to ${repository.fullName}.`;
  }
  return allow(planner, pull, by);
}

/** Builds a commit of a fork, since somebody who may write let it, and says so in a check. */
export async function allow(planner: Planner, pull: PullRequest, by: string): Promise<string> {
  const { number, sha } = pull;
  const repository = await presentOf(planner, pull);
  const cause: Cause = { kind: 'approval', by };
  const outcome = await buildPullRequest(planner, { ...pull, repository }, cause);
  await planner.forge.postCheck(repository, sha, {
    name: waiting.name,
    externalId: `pull-${number}-${sha}-approved`,
    conclusion: 'success',
    title: `Allowed by ${by}`,
    summary: `${by} let commit ${sha} be built.`,
    actions: [],
  });
  await settleApproval(planner.store, pull);
  return outcome;
}

/** What was kept while a commit waited may be of when its repository was public, or called otherwise. */
const presentOf = async ({ store }: Planner, { repository }: PullRequest): Promise<Repository> =>
  (await getRepository(store, repository.id)) ?? repository;

/** Says in the waiting check of a fork's commit why somebody's comment did not get it built. */
export async function refuse(
  { forge }: Planner,
  { repository, number, id }: BuildComment,
  sha: string,
  summary: string,
): Promise<void> {
  const externalId = `pull-${number}-${sha}-refused-${id}`;
  const title = 'Not built: say which commit is meant';
  await forge.postCheck(repository, sha, { ...waiting, externalId, title, summary });
}

async function buildPullRequest(
  planner: Planner,
  pull: PullRequest,
  asked: Cause = { kind: 'pull request', by: null },
): Promise<string> {
  const { repository, number, sha, baseRef, isFork, updatedAt } = pull;
  const commit = await knownCommit(planner, repository, sha);
  const marker = skipMarker(commit.message);
  if (marker) return `Nothing to do: the commit message says ${marker}.`;
  const { message, author, committedAt } = commit;
  const { outcome } = await planCommit(planner, {
    ...{ repository, sha, baseRef, message, author },
    ref: `refs/pull/${number}/head`,
    event: 'pull_request',
    asked,
    ...{ before: null, forced: false, follows: null },
    committedAt: new Date(committedAt),
    pushedAt: updatedAt,
    pullRequest: { number, isFork },
    cache: true,
    cause: ['pull', String(repository.id), String(number), sha],
  });
  return outcome;
}
