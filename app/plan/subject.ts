import type { Cause, PullRequestOf, Repository } from '../../queue/build.ts';
import type { TagContext } from '../tags/tag-context.ts';

/** One commit that somebody wants built, wherever the wish came from. */
export type Subject = {
  repository: Repository;
  /** The commit's 40 hexadecimal digits. */
  sha: string;
  /** The ref it is built for: a branch, a git tag, `refs/pull/<number>/head`; '' for none. */
  ref: string;
  event: 'push' | 'pull_request' | 'manual';
  /** What the ref pointed at before; null if that says nothing about what changed. */
  before: string | null;
  /** The branch a git tag was pushed with or a pull request goes to, if known. */
  baseRef: string | null;
  message: string;
  author: string;
  committedAt: Date;
  /** Seconds since the epoch; orders pushes to one ref. */
  pushedAt: number;
  /** What the record says of the push: see Build. */
  forced: boolean;
  follows: string | null;
  pullRequest: PullRequestOf | null;
  /** Whether layers and images of earlier builds may be used. */
  cache: boolean;
  /** Who or what asked for it, where event and ref do not tell. */
  asked?: Cause;
  /** What asked for it, for the build's id: the same cause twice makes the same builds. */
  cause: string[];
};

/** The subject as tags and labels see it. */
export function tagContextOf(subject: Subject, now: Date): TagContext {
  const { event, ref, sha, baseRef, repository, committedAt, pullRequest } = subject;
  return {
    event: event === 'pull_request' || pullRequest ? 'pull_request' : 'push',
    ref: ref.replace(/^(refs\/pull\/\d+)\/head$/, '$1/merge'),
    ...{ sha, baseRef, now, committedAt },
    defaultBranch: repository.defaultBranch,
  };
}

/** What the record says of who or what had a subject built. */
export function causeOf({ asked, event, ref }: Subject): Cause {
  if (asked) return asked;
  if (event === 'manual') return { kind: 'hand', by: null };
  if (event === 'pull_request') return { kind: 'pull request', by: null };
  return { kind: ref.startsWith('refs/tags/') ? 'tag' : 'push', by: null };
}

/** The branch of a merge queue's ref `refs/heads/gh-readonly-queue/<branch>/…`, or null. */
export const queuedBranch = (ref: string): string | null =>
  /^refs\/heads\/gh-readonly-queue\/(.+)\/[^/]+$/.exec(ref)?.[1] ?? null;
