import type { CheckoutGrant } from '../../queue/checkout-grant.ts';
import type { GitAccess } from './git.ts';
import type { Mirrors } from './mirrors.ts';

/** What a checkout needs beside the right to read the repository. */
export type CheckoutTools = {
  mirrors: Mirrors;
  /** Asks for the right to read the repository once more: what was given before may have ended. */
  renewAccess: () => Promise<GitAccess>;
  /** Asks for the right to read also the private repositories among the submodules. */
  grantSubmodules: () => Promise<CheckoutGrant>;
  onLine: (text: string) => void;
  signal: AbortSignal;
};
