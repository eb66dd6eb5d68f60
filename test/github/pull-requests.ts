import type { DeliverOptions } from './deliveries.ts';
import type { Description } from './description.ts';
import { git } from './git.ts';
import { refTarget } from './git-read.ts';
import { type PullRequestAction, pullRequestPayload } from './pull-request-payload.ts';
import type { Delivery } from './records.ts';
import { announce } from './repository.ts';
import type { PullRequest, RepositoryState, World } from './world.ts';
import { accountOf, newId } from './world.ts';

/** A pull request to open; `from` may be the repository itself or a fork. */
export type PullRequestOptions = DeliverOptions & {
  into: RepositoryState;
  /** The default branch unless told. */
  base?: string;
  from: RepositoryState;
  branch: string;
  title?: string;
  user?: string;
};

/** Fetches the head into the base repository, as GitHub keeps it at `refs/pull/N/head`. */
const take = async (pull: PullRequest): Promise<void> => {
  const { base, head, headRef, number } = pull;
  const source = `+refs/heads/${headRef}:refs/pull/${number}/head`;
  await git(base.folder, ['fetch', '-q', '--no-tags', head.folder, source]);
  pull.headSha = (await refTarget(head.folder, `refs/heads/${headRef}`)) ?? pull.headSha;
};

/** Opens a pull request and delivers `pull_request.opened`. */
export const openPullRequest = async (
  world: World,
  description: Description,
  options: PullRequestOptions,
): Promise<{ pull: PullRequest; delivery: Delivery }> => {
  const { branch, from, into } = options;
  const pull: PullRequest = {
    id: newId(world),
    number: into.pullRequests.length + 1,
    title: options.title ?? `Take ${branch}`,
    state: 'open',
    user: accountOf(world, options.user ?? from.owner.login, 'User'),
    base: into,
    baseRef: options.base ?? into.defaultBranch,
    head: from,
    headRef: branch,
    headSha: '',
    createdAt: Date.now(),
  };
  into.pullRequests.push(pull);
  await take(pull);
  const payload = await pullRequestPayload(world, pull, 'opened');
  const delivery = await announce(world, description, 'pull_request', payload, options);
  return { pull, delivery };
};

/** Closes or reopens a pull request, or takes its branch's new head, and delivers the event. */
export const updatePullRequest = async (
  world: World,
  description: Description,
  pull: PullRequest,
  action: Exclude<PullRequestAction, 'opened'>,
  options: DeliverOptions = {},
): Promise<Delivery> => {
  const before = pull.headSha;
  pull.state = action === 'closed' ? 'closed' : 'open';
  if (action !== 'closed') await take(pull);
  const old = action === 'synchronize' ? before : undefined;
  const payload = await pullRequestPayload(world, pull, action, old);
  return announce(world, description, 'pull_request', payload, options);
};
