import type { Repository } from './build.ts';

/** A push of one branch or tag, cut down to what planning needs. */
export type Push = {
  kind: 'push';
  repository: Repository;
  /** `refs/heads/…` or `refs/tags/…`. */
  ref: string;
  before: string;
  /** What the ref points at now: a commit, an annotated tag's object, or 40 zeros. */
  after: string;
  /** Whether `after` does not follow on `before`; false for a ref that is new or was deleted. */
  forced: boolean;
  /** The commit to build; null when the ref was deleted. */
  sha: string | null;
  /** The head commit's whole message, for skip markers. */
  message: string;
  author: string;
  /** Seconds since the epoch. */
  pushedAt: number;
  /** When the head commit was made, ISO 8601. */
  committedAt: string;
  /** The branch a git tag was pushed with, if GitHub says so. */
  baseRef: string | null;
};

/** The head of a pull request that was opened, reopened or got a new commit. */
export type PullRequest = {
  kind: 'pull request';
  repository: Repository;
  number: number;
  /** The head commit. */
  sha: string;
  /** The branch it goes to. */
  baseRef: string;
  /** Whether its commits come from another repository. */
  isFork: boolean;
  /** Seconds since the epoch. */
  updatedAt: number;
  /** Seconds since the epoch by GitHub's clock: the head commit came no later than then. */
  headSince: number;
};

/** Somebody's order `/slipway build` in a comment on a pull request. */
export type BuildComment = {
  kind: 'build comment';
  repository: Repository;
  number: number;
  /** The commit that is meant, or its beginning; null for the head. */
  sha: string | null;
  /** Whose order: a login. */
  by: string;
  /** The comment's own id. */
  id: number;
  /** Seconds since the epoch by GitHub's clock. */
  writtenAt: number;
};

/** Somebody's leave, by the button of its check, to build a fork's commit. */
export type Approval = {
  kind: 'approve';
  repositoryId: number;
  number: number;
  /** The commit that is meant. */
  sha: string;
  /** Whose leave: a login. */
  by: string;
};

/** A push that the sweep found on GitHub without having been told of it. */
export type MissedPush = { kind: 'missed push'; push: Push };

/** The App was let at repositories, of an installation all or some by their ids. */
export type AccessBegins = {
  kind: 'access begins';
  installationId: number;
  repositoryIds: number[] | null;
  /** When the installation was changed last, in seconds since the epoch. */
  at?: number;
};

/** The App is let no longer at repositories: some by their ids, or an installation's. */
export type AccessEnds = {
  kind: 'access ended';
  repositoryIds: number[];
  installationId: number | null;
  /** The sentence on the builds that end for it. */
  reason: string;
};

/** What a webhook delivery asks of the app; everything else is answered and forgotten. */
export type Trigger =
  | Push
  | MissedPush
  | PullRequest
  | Approval
  | BuildComment
  | { kind: 'rerun build'; repositoryId: number; buildId: string; by: string }
  | { kind: 'rebuild without cache'; repositoryId: number; buildId: string; by: string }
  | { kind: 'rerun commit'; repositoryId: number; sha: string; by: string }
  | { kind: 'cancel build'; repositoryId: number; buildId: string; by: string }
  | { kind: 'repository changed'; repository: Repository }
  | AccessBegins
  | AccessEnds;
