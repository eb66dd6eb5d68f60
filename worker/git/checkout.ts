import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckoutGrant } from '../../queue/checkout-grant.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import { type GitAccess, GitFailed } from './git.ts';
import { fetchLargeFiles } from './large-files.ts';
import { type Placed, placeCommit } from './place-commit.ts';
import { placeSubmodules } from './place-submodules.ts';

/** A commit's files on disk, without git's own folder among them. */
export type Checkout = {
  /** The folder with the files. */
  tree: string;
  /** When the commit was made. */
  committedAt: Date;
};

/** What a checkout needs beside the right to read the repository. */
export type CheckoutTools = {
  /** Asks for the right to read also the private repositories among the submodules. */
  grantSubmodules: () => Promise<CheckoutGrant>;
  onLine: (text: string) => void;
  signal: AbortSignal;
};

/**
 * Checks out exactly one commit into a folder that must be empty or missing, with its submodules
 * and the content of its large files: git's own files go beside the tree, so nothing of them can
 * get into an image. Throws BuildFailed for what is wrong with the repository, GitFailed if git
 * could not reach it.
 */
export async function checkOut(
  access: Omit<GitAccess, 'home'>,
  sha: string,
  folder: string,
  tools: CheckoutTools,
): Promise<Checkout> {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const real = await realpath(folder);
  const at = { tree: join(real, 'tree'), gitDir: join(real, 'git') };
  const main = await placeCommit({ ...access, home }, sha, at, tools.signal).catch(judgeFetch);
  const submodules = await placeSubmodules(main, join(real, 'modules'), tools);
  for (const placed of [main, ...submodules]) await fetchLargeFiles(placed, tools);
  return main;
}

function judgeFetch(error: unknown): Placed {
  if (!(error instanceof GitFailed)) throw error;
  const [, path] = /invalid path '(.*)'/.exec(error.printed) ?? [];
  const reason = path
    ? `git refuses to write ${path}, a name or a link that could do harm.`
    : isGone.test(error.printed) && 'The commit or its repository is no longer there.';
  throw reason ? new BuildFailed(reason, {}, { cause: error }) : error;
}

const isGone = /not our ref|couldn't find remote ref|Repository not found|repository .* not found/i;
