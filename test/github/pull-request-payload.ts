import { apiUrl, nodeId, simpleUser } from './account-shape.ts';
import { envelope } from './event-payloads.ts';
import { refTarget } from './git-read.ts';
import { notFound } from './refusal.ts';
import { repositoryShape } from './repository-shape.ts';
import type { Route } from './route.ts';
import { ok } from './route.ts';
import type { PullRequest, World } from './world.ts';
import { fullName, isoTime } from './world.ts';

/** The actions of `pull_request` that the imitation can send. */
export type PullRequestAction = 'opened' | 'synchronize' | 'reopened' | 'closed';

const side = (world: World, repository: PullRequest['base'], ref: string, sha: string) => ({
  label: `${repository.owner.login}:${ref}`,
  ref,
  sha,
  user: simpleUser(world, repository.owner),
  repo: {
    ...repositoryShape(world, repository),
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    delete_branch_on_merge: false,
  },
});

/** A pull request as events and answers hold it. */
const pullRequestShape = async (world: World, pull: PullRequest) => {
  const api = `${apiUrl(world)}/repos/${fullName(pull.base)}`;
  const page = `${world.origin}/${fullName(pull.base)}/pull/${pull.number}`;
  const url = `${api}/pulls/${pull.number}`;
  const issue = `${api}/issues/${pull.number}`;
  const statuses = `${api}/statuses/${pull.headSha}`;
  const baseSha = (await refTarget(pull.base.folder, `refs/heads/${pull.baseRef}`)) ?? pull.headSha;
  const link = (href: string) => ({ href });
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: simpleUser(world, pull.user),
    body: null,
    created_at: isoTime(pull.createdAt),
    updated_at: isoTime(Date.now()),
    closed_at: pull.state === 'closed' ? isoTime(Date.now()) : null,
    merged_at: null,
    merge_commit_sha: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    draft: false,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: side(world, pull.head, pull.headRef, pull.headSha),
    base: side(world, pull.base, pull.baseRef, baseSha),
    _links: {
      self: link(url),
      html: link(page),
      issue: link(issue),
      comments: link(`${issue}/comments`),
      review_comments: link(`${url}/comments`),
      review_comment: link(`${api}/pulls/comments{/number}`),
      commits: link(`${url}/commits`),
      statuses: link(statuses),
    },
    author_association: pull.user === pull.base.owner ? 'OWNER' : 'CONTRIBUTOR',
    auto_merge: null,
    active_lock_reason: null,
    merged: false,
    mergeable: null,
    rebaseable: null,
    mergeable_state: 'unknown',
    merged_by: null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: 1,
    additions: 1,
    deletions: 0,
    changed_files: 1,
  };
};

/** The payload of a `pull_request` event; `before` is the head's old commit, for `synchronize`. */
export const pullRequestPayload = async (
  world: World,
  pull: PullRequest,
  action: PullRequestAction,
  before?: string,
): Promise<Record<string, unknown>> => ({
  action,
  number: pull.number,
  ...(before ? { before, after: pull.headSha } : {}),
  pull_request: await pullRequestShape(world, pull),
  ...envelope(world, pull.base, pull.user.login),
});

/** The operation on one pull request; what it needs is what Slipway asks for. */
export const pullRequestRoutes: readonly Route[] = [
  {
    operation: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    needs: ['pull_requests', 'read'],
    handle: async ({ world, params }, repository) => {
      const pull = repository.pullRequests.find((one) => one.number === Number(params.pull_number));
      if (!pull) throw notFound();
      return ok(await pullRequestShape(world, pull));
    },
  },
];
