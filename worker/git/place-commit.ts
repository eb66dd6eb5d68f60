import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitAccess, git } from './git.ts';

/** A commit whose files are on disk, without git's own folder among them. */
export type Placed = {
  access: GitAccess;
  /** The folder with the files, and git's own beside it. */
  tree: string;
  gitDir: string;
  entries: PlacedEntry[];
};

/** What a commit has at a path: a file, a link, or (mode 160000) a submodule's commit. */
export type PlacedEntry = { mode: string; object: string; path: string };

/** Where a commit is written to; with `mirror`, a bare repository that has it, it is not fetched. */
export type Place = { tree: string; gitDir: string; mirror?: string };

/** Checks exactly one commit out, from a mirror or from its own repository. Throws GitFailed. */
export async function placeCommit(
  access: GitAccess,
  sha: string,
  { tree, gitDir, mirror }: Place,
  signal: AbortSignal,
): Promise<Placed> {
  await mkdir(tree, { recursive: true });
  const run = (...args: string[]) => git(access, tree, args, signal);
  const at = `--git-dir=${gitDir}`;
  await run('init', '--quiet', '--template=', '--bare', gitDir);
  if (mirror) await borrow(gitDir, mirror);
  else await run(at, 'fetch', '--quiet', '--no-tags', '--depth=1', access.url, sha);
  const [listing] = await Promise.all([
    run(at, 'ls-tree', '-r', '-z', '--full-tree', sha),
    run(at, '--work-tree=.', 'checkout', '--quiet', '--detach', sha),
  ]);
  return { access, tree, gitDir, entries: readListing(listing) };
}

/** Lets a repository use another's objects (https://git-scm.com/docs/gitrepository-layout). */
async function borrow(gitDir: string, mirror: string): Promise<void> {
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  await writeFile(join(gitDir, 'objects/info/alternates'), `${join(mirror, 'objects')}\n`);
  // A commit without a parent has no history to be cut off.
  await copyFile(join(mirror, 'shallow'), join(gitDir, 'shallow')).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

function readListing(listing: string): PlacedEntry[] {
  const lines = listing.split('\0').filter(Boolean);
  return lines.map((line) => {
    const tab = line.indexOf('\t');
    const [mode = '', , object = ''] = line.slice(0, tab).split(' ');
    return { mode, object, path: line.slice(tab + 1) };
  });
}
