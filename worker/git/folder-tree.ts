import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileTree, fileTree, type TreeEntry } from './file-tree.ts';
import { notUtf8 } from './mirror-tree.ts';

/** So many files are looked at at once. */
const atOnce = 32;

/**
 * The files of a commit that is checked out into a folder. `id` is git's of the commit's tree. Every
 * file has the same time: the commit's, or `modifiedAt`, which only this very tree has. Throws
 * BuildFailed for a name that is not UTF-8.
 */
export async function folderTree(
  folder: string,
  { id, committedAt }: Pick<FileTree, 'id' | 'committedAt'>,
  modifiedAt?: bigint,
): Promise<FileTree> {
  const paths = await pathsIn(folder, '');
  const time = modifiedAt ?? BigInt(committedAt.getTime()) * 1_000_000n;
  const entries: TreeEntry[] = [];
  for (let from = 0; from < paths.length; from += atOnce) {
    const some = paths.slice(from, from + atOnce);
    const found = await Promise.all(some.map((path) => entryAt(folder, path, time)));
    entries.push(...found.filter((entry) => entry !== null));
  }
  return fileTree(entries, {
    ...{ id, committedAt },
    read: ({ path }) => createReadStream(join(folder, path)),
    close: () => {},
  });
}

async function pathsIn(folder: string, at: string): Promise<string[]> {
  const found = await readdir(join(folder, at), { withFileTypes: true });
  const below = await Promise.all(
    found.map(async (entry) => {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      return entry.isDirectory() ? [path, ...(await pathsIn(folder, path))] : [path];
    }),
  );
  return below.flat();
}

async function entryAt(folder: string, path: string, modifiedAt: bigint) {
  const info = await lstat(join(folder, path)).catch((cause: Error) => {
    // Node has put this character in place of what it could not read.
    throw path.includes('\uFFFD') ? notUtf8(path) : cause;
  });
  const common = { path, mode: info.mode & 0o7777, size: 0, link: '', id: '', modifiedAt };
  if (info.isDirectory()) return { ...common, type: 'folder' as const };
  if (info.isFile()) return { ...common, type: 'file' as const, size: info.size };
  if (!info.isSymbolicLink()) return null;
  return { ...common, type: 'link' as const, link: await readlink(join(folder, path)) };
}
