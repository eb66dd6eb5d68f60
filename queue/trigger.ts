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
  /** The commit to build; null when the ref was deleted. */
  sha: string | null;
  /** The head commit's whole message, for skip markers. */
  message: string;
  author: string;
  /** Seconds since the epoch. */
  pushedAt: number;
};

/** What a webhook delivery asks of the app; everything else is answered and forgotten. */
export type Trigger =
  | Push
  | { kind: 'rerun build'; repositoryId: number; buildId: string; by: string }
  | { kind: 'rerun commit'; repositoryId: number; sha: string; by: string }
  | { kind: 'cancel build'; repositoryId: number; buildId: string; by: string }
  | { kind: 'repository changed'; repository: Repository }
  | {
      kind: 'access ended';
      repositoryIds: number[];
      installationId: number | null;
      reason: string;
    };
