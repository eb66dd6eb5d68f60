import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildFailed } from '../engine/build-errors.ts';
import { type GitAccess, GitFailed, git } from './git.ts';

/** A commit's files on disk, without git's own folder among them. */
export type Checkout = {
  /** The folder with the files. */
  tree: string;
  /** When the commit was made. */
  committedAt: Date;
};

/**
 * Checks out exactly one commit into a folder that must be empty or missing: git's own files go
 * beside the tree, so nothing of them can get into an image. Throws BuildFailed if the commit is
 * no longer there, GitFailed if git could not reach it.
 */
export async function checkOut(
  access: Omit<GitAccess, 'home'>,
  sha: string,
  folder: string,
  signal: AbortSignal,
): Promise<Checkout> {
  const tree = join(folder, 'tree');
  const home = join(folder, 'home');
  await Promise.all([mkdir(tree, { recursive: true }), mkdir(home, { recursive: true })]);
  const run = (...args: string[]) => git({ ...access, home }, tree, args, signal);
  const gitDir = `--git-dir=${join(folder, 'git')}`;
  await run('init', '--quiet', '--template=', '--bare', join(folder, 'git'));
  await fetchCommit(() =>
    run(gitDir, 'fetch', '--quiet', '--no-tags', '--depth=1', access.url, sha),
  );
  const [seconds] = await Promise.all([
    run(gitDir, 'show', '--no-patch', '--format=%ct', sha),
    run(gitDir, '--work-tree=.', 'checkout', '--quiet', '--detach', sha),
  ]);
  return { tree, committedAt: new Date(Number(seconds) * 1_000) };
}

async function fetchCommit(fetch: () => Promise<string>): Promise<void> {
  try {
    await fetch();
  } catch (error) {
    if (!(error instanceof GitFailed) || !isGone.test(error.printed)) throw error;
    throw new BuildFailed('The commit or its repository is no longer there.', {}, { cause: error });
  }
}

const isGone = /not our ref|couldn't find remote ref|Repository not found|repository .* not found/i;
