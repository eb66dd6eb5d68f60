import type { Repository } from '../../queue/build.ts';
import type { Commit } from '../forge.ts';

/** What a ref points at: `commit`, or `tag` for an annotated tag's object. */
export type RefHead = { sha: string; type: string };

/** What a forge tells of repositories by itself; each call of GitHub counts against the sweep's budget. */
export type Installed = {
  /** The repositories of an installation, or of all that are not suspended. */
  repositories(installationId: number | null): Promise<Repository[]>;
  /** Every branch and tag, by full ref. */
  refs(repository: Repository): Promise<Map<string, RefHead>>;
  /** The repository as it is now, and when it was last pushed to, in seconds since the epoch. */
  lastPush(repository: Repository): Promise<{ repository: Repository; pushedAt: number }>;
  /** The commit a head stands for; null for a tag of something else. */
  commit(repository: Repository, head: RefHead): Promise<Omit<Commit, 'ref'> | null>;
  /**
   * When a ref was moved last, in seconds since the epoch, where whoever moves one pushes to us: what
   * is not on record was missed then. Null where repositories are older than Slipway's knowledge of them.
   */
  movedAt: ((repository: Repository, ref: string) => Promise<number>) | null;
  /** Whether one commit follows on another. */
  follows(repository: Repository, base: string, head: string): Promise<boolean>;
};
