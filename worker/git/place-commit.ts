import { mkdir } from 'node:fs/promises';
import { type GitAccess, git } from './git.ts';

/** A commit whose files are on disk, without git's own folder among them. */
export type Placed = {
  access: GitAccess;
  /** The folder with the files, and git's own beside it. */
  tree: string;
  gitDir: string;
  entries: TreeEntry[];
  committedAt: Date;
};

/** What a commit has at a path: a file, a link, or (mode 160000) a submodule's commit. */
export type TreeEntry = { mode: string; object: string; path: string };

/** Fetches exactly one commit and checks it out. Throws GitFailed. */
export async function placeCommit(
  access: GitAccess,
  sha: string,
  { tree, gitDir }: { tree: string; gitDir: string },
  signal: AbortSignal,
): Promise<Placed> {
  await mkdir(tree, { recursive: true });
  const run = (...args: string[]) => git(access, tree, args, signal);
  const at = `--git-dir=${gitDir}`;
  await run('init', '--quiet', '--template=', '--bare', gitDir);
  await run(at, 'fetch', '--quiet', '--no-tags', '--depth=1', access.url, sha);
  const [seconds, listing] = await Promise.all([
    run(at, 'show', '--no-patch', '--format=%ct', sha),
    run(at, 'ls-tree', '-r', '-z', '--full-tree', sha),
    run(at, '--work-tree=.', 'checkout', '--quiet', '--detach', sha),
  ]);
  const committedAt = new Date(Number(seconds) * 1_000);
  return { access, tree, gitDir, entries: readListing(listing), committedAt };
}

function readListing(listing: string): TreeEntry[] {
  const lines = listing.split('\0').filter(Boolean);
  return lines.map((line) => {
    const tab = line.indexOf('\t');
    const [mode = '', , object = ''] = line.slice(0, tab).split(' ');
    return { mode, object, path: line.slice(tab + 1) };
  });
}
