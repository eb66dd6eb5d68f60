import type { Build, Repository } from '../queue/build.ts';
import type { CheckoutGrant } from '../queue/checkout-grant.ts';
import type { PullRequest } from '../queue/trigger.ts';
import type { Check } from './report/render-check.ts';

/** What somebody may do with a repository; `none` also stands for one that is not there. */
export type Access = 'none' | 'read' | 'write';

/**
 * Where the repositories live and their people look: GitHub, or the local remote of a machine
 * without a GitHub App. Everything else in the app knows only this.
 */
export type Forge = {
  /**
   * Whether the commit has a file (or a link to one) at this path. Throws `AccessEnded` where the
   * repository may not be read at all.
   */
  hasFile(repository: Repository, sha: string, path: string): Promise<boolean>;
  /**
   * The text of a file at a commit, '' if it is larger than 1 MB; null if nothing is at the path. A
   * link to a file in the repository may count as the file.
   */
  readFile(
    repository: Repository,
    sha: string,
    path: string,
  ): Promise<string | { noFile: 'folder' | 'link' | 'submodule' } | null>;
  /** Whether we are let at the repository now, whatever it was called before. */
  covers(repository: Repository): Promise<boolean>;
  /** The repository as it is now; null if it is not there. Throws `AccessEnded` as `hasFile` does. */
  present(repository: Repository): Promise<Repository | null>;
  /** A repository that the bearer of a token can read and that we are let at; null if there is none. */
  findRepository(fullName: string, token: string): Promise<Repository | null>;
  /** What a full ref points at, a commit or a tag's object; null if it is not there. */
  head(repository: Repository, ref: string): Promise<string | null>;
  /** The commit that a branch, a tag, a commit id or 7 of its digits or more stand for; null if there is not just one. */
  commit(repository: Repository, ref: string): Promise<Commit | null>;
  /**
   * The paths, old and new, that differ between where `head` left `base` and `head`; null when the
   * forge does not tell all of them, or `head` does not follow on `base`.
   */
  changedFiles(repository: Repository, base: string, head: string): Promise<string[] | null>;
  /** A pull request as it is now; null if it is not there, or is not open. */
  pullRequest(repository: Repository, number: number): Promise<PullHead | null>;
  /** What a person may do with a repository, by login. */
  permission(repository: Repository, login: string): Promise<Access>;
  /** Puts a finished check that belongs to no build on a commit, once for each external id. */
  postCheck(repository: Repository, sha: string, note: CheckNote): Promise<void>;
  /**
   * The clone URL and a token that reads this one repository for half an hour at least, and with it
   * those private ones of the same installation that are submodules of the commit, if one is given.
   */
  grantCheckout(repository: Repository, wish: GrantWish): Promise<CheckoutGrant>;
  /**
   * Makes the build's check show what the record says, and returns the check run's id. Throws
   * `ReportRefused` when trying again cannot help. `beforeNew` is called right before a check that
   * was not there is made, and throws if it is not to be.
   */
  reportCheck(build: Build, check: Check, beforeNew?: () => Promise<void>): Promise<number | null>;
  /** The ids of the build's check runs of this name that are not completed. */
  openChecks(build: Build, name: string): Promise<number[]>;
  /** How long the forge asks to be left alone with this error, in milliseconds; 0 if it does not. */
  askedPause(error: Error): number;
  /** What the bearer of a token, or a stranger, may do with a repository. */
  access(repository: Repository, token: string | null): Promise<Access>;
  /**
   * The ids of the repositories that we are let at and that are the bearer's own or shared with
   * them, the first thousands of them; null where all are everybody's.
   */
  sharedWith(token: string): Promise<ReadonlySet<number> | null>;
};

/** The forge lets us not, or no longer, at this repository; trying again cannot help. */
export class AccessEnded extends Error {
  override name = 'AccessEnded';
}

/** What a token is to read besides, and whether one that was given before will not do. */
export type GrantWish = { submodulesOf: string | null; isAnew: boolean };

/** A commit, and the full ref it was found by if it was found by one. */
export type Commit = {
  sha: string;
  ref: string | null;
  message: string;
  author: string;
  /** ISO 8601. */
  committedAt: string;
};

/** The head of an open pull request. */
export type PullHead = Pick<PullRequest, 'sha' | 'baseRef' | 'isFork'>;

/** A finished check that belongs to no build. */
export type CheckNote = {
  name: string;
  externalId: string;
  conclusion: 'success' | 'skipped' | 'action_required';
  title: string;
  summary: string;
  actions: { label: string; description: string; identifier: string }[];
};

/** The forge will never take this report: the repository or the commit is gone, or access ended. */
export class ReportRefused extends Error {
  override name = 'ReportRefused';
}
