import type { Build, Repository } from '../queue/build.ts';
import type { CheckoutGrant } from '../queue/checkout-grant.ts';
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
  /** The clone URL and a token that reads this one repository for an hour. */
  grantCheckout(repository: Repository): Promise<CheckoutGrant>;
  /**
   * Makes the build's check show what the record says, and returns the check run's id. Throws
   * `ReportRefused` when trying again cannot help.
   */
  reportCheck(build: Build, check: Check): Promise<number | null>;
  /** What the bearer of a token, or a stranger, may do with a repository. */
  access(repository: Repository, token: string | null): Promise<Access>;
};

/** The forge lets us not, or no longer, at this repository; trying again cannot help. */
export class AccessEnded extends Error {
  override name = 'AccessEnded';
}

/** The forge will never take this report: the repository or the commit is gone, or access ended. */
export class ReportRefused extends Error {
  override name = 'ReportRefused';
}
