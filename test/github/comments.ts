import { apiUrl, nodeId, simpleUser } from './account-shape.ts';
import type { DeliverOptions } from './deliveries.ts';
import { envelope } from './event-payloads.ts';
import type { RepositoryState, World } from './world.ts';
import { accountOf, fullName, isoTime, newId } from './world.ts';

/** Who writes a comment, and when. */
export type CommentOptions = DeliverOptions & {
  sender?: string;
  /** Milliseconds since the epoch; now unless told. */
  writtenAt?: number;
  /** Whether the sender is an App's bot. */
  bot?: boolean;
  /** The body before, for a comment that is edited. */
  was?: string;
};

/** What is commented on; an issue where `isPullRequest` is false. */
export type Commented = { base: RepositoryState; number: number; isPullRequest: boolean };

/** The payload of `issue_comment.created`, or `edited`, on an issue or a pull request. */
export const commentPayload = (
  world: World,
  { base, number, isPullRequest }: Commented,
  body: string,
  { sender = 'alice', writtenAt = Date.now(), bot = false, was }: CommentOptions,
): Record<string, unknown> => {
  const kind = isPullRequest ? 'pull' : 'issues';
  const url = `${apiUrl(world)}/repos/${fullName(base)}/issues/${number}`;
  const page = `${world.origin}/${fullName(base)}/${kind}/${number}`;
  const pull = `${apiUrl(world)}/repos/${fullName(base)}/pulls/${number}`;
  const times = { created_at: isoTime(writtenAt), updated_at: isoTime(writtenAt) };
  const id = newId(world);
  const user = {
    ...simpleUser(world, accountOf(world, sender, 'User')),
    ...(bot ? { type: 'Bot' } : {}),
  };
  return {
    action: was === undefined ? 'created' : 'edited',
    ...(was === undefined ? {} : { changes: { body: { from: was } } }),
    issue: {
      url,
      repository_url: `${apiUrl(world)}/repos/${fullName(base)}`,
      labels_url: `${url}/labels{/name}`,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      html_url: page,
      id: number,
      node_id: nodeId('Issue', number),
      number,
      title: `Number ${number}`,
      user: simpleUser(world, base.owner),
      labels: [],
      state: 'open',
      locked: false,
      assignee: null,
      assignees: [],
      milestone: null,
      comments: 1,
      ...times,
      closed_at: null,
      author_association: 'NONE',
      active_lock_reason: null,
      body: null,
      reactions: reactions(url),
      timeline_url: `${url}/timeline`,
      performed_via_github_app: null,
      state_reason: null,
      ...(isPullRequest
        ? {
            draft: false,
            pull_request: {
              url: pull,
              html_url: page,
              diff_url: `${page}.diff`,
              patch_url: `${page}.patch`,
              merged_at: null,
            },
          }
        : {}),
    },
    comment: {
      url: `${apiUrl(world)}/repos/${fullName(base)}/issues/comments/${id}`,
      html_url: `${page}#issuecomment-${id}`,
      issue_url: url,
      id,
      node_id: nodeId('IssueComment', id),
      user,
      ...times,
      author_association: 'NONE',
      body,
      reactions: reactions(url),
      performed_via_github_app: null,
    },
    ...envelope(world, base, sender),
    sender: user,
  };
};

const reactions = (url: string) => ({
  url: `${url}/reactions`,
  ...{ total_count: 0, '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0 },
  ...{ heart: 0, rocket: 0, eyes: 0 },
});
