import { isUtf8 } from 'node:buffer';
import { BuildFailed } from '../engine/build-errors.ts';
import { type Blobs, openBlobs } from './blobs.ts';
import { type FileTree, fileTree, type TreeEntry } from './file-tree.ts';
import { type GitAccess, gitBytes, TooMuchPrinted } from './git.ts';
import { isHarmful } from './harmful-paths.ts';
import { tellingTimes } from './tree-times.ts';

/** A commit's files in a bare repository. */
export type MirrorTree = FileTree & {
  /** The commits that this one follows on. */
  parents: string[];
  /** The commit's time with nanoseconds that no other tree has. */
  modifiedAt: bigint;
};

/**
 * Reads a commit's files straight from a bare repository, without writing any of them to disk.
 * Throws BuildFailed for names that no checkout would write.
 */
export async function mirrorTree(
  access: GitAccess,
  gitDir: string,
  sha: string,
  signal: AbortSignal,
): Promise<MirrorTree> {
  const blobs = openBlobs(access, gitDir, signal);
  try {
    const [commit, listed] = await Promise.all([
      readCommit(blobs, sha),
      listEntries(access, gitDir, sha, signal),
    ]);
    const links = listed.filter(({ type }) => type === 'link');
    const targets = await Promise.all(links.map(({ id }) => text(blobs, id)));
    for (const [at, entry] of links.entries()) entry.link = targets[at] ?? '';
    const timeOf = await tellingTimes(gitDir, listed, commit.committedAt);
    const entries = listed.map((entry) => ({ ...entry, modifiedAt: timeOf(entry) }));
    const tree = fileTree(entries, {
      ...{ id: commit.tree, committedAt: commit.committedAt },
      read: ({ id }) => blobs.read(id),
      close: blobs.close,
    });
    const modifiedAt = timeOf({ path: '', id: commit.tree });
    return { ...tree, parents: commit.parents, modifiedAt };
  } catch (error) {
    blobs.close();
    throw error;
  }
}

async function readCommit(blobs: Blobs, sha: string) {
  const [head = ''] = (await text(blobs, sha)).split('\n\n', 1);
  const [, tree = ''] = /^tree (\w+)$/m.exec(head) ?? [];
  const [, seconds = '0'] = /^committer .* (\d+) [-+]\d+$/m.exec(head) ?? [];
  const time = Math.min(Number(seconds), latestTime);
  const parents = [...head.matchAll(/^parent (\w+)$/gm)].map(([, parent = '']) => parent);
  return { tree, committedAt: new Date(time * 1_000), parents };
}

/** The year 9999: git takes any number, dates and tars do not. In seconds. */
const latestTime = 253_402_300_799;

async function text(blobs: Blobs, id: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of blobs.read(id)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

type Listed = Omit<TreeEntry, 'modifiedAt'>;

async function listEntries(access: GitAccess, gitDir: string, sha: string, signal: AbortSignal) {
  const args = ['--git-dir=.', 'ls-tree', '-r', '-t', '-l', '-z', '--full-tree', sha];
  const options = { mostBytes: mostEntries * longestEntry };
  const listing = await gitBytes(access, gitDir, args, signal, options).catch((error) => {
    throw error instanceof TooMuchPrinted ? tooMany(error) : error;
  });
  if (count(listing, 0) > mostEntries) throw tooMany();
  const isReadable = isUtf8(listing);
  return listing
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line): Listed => {
      const tab = line.indexOf('\t');
      const [mode = '', , id = '', size = ''] = line.slice(0, tab).split(/ +/);
      const path = line.slice(tab + 1);
      const isLink = mode === '120000';
      const isTooLong = isLink && Number.parseInt(size, 10) >= longestLink;
      if (isTooLong || isHarmful(path, isLink)) throw harmful(path);
      if (!isReadable && path.includes('\uFFFD')) throw notUtf8(path);
      const [type, permissions] = kinds[mode] ?? (['file', 0o644] as const);
      return { path, type, mode: permissions, size: Number.parseInt(size, 10) || 0, link: '', id };
    })
    .map((entry) => (entry.type === 'file' ? entry : { ...entry, size: 0 }));
}

/** Linux has fewer than 100,000; a small repository can list any number by naming a folder often. */
const mostEntries = 300_000;

/** What the listing of one takes on average at most, in bytes. */
const longestEntry = 200;

const tooMany = (cause?: Error): BuildFailed =>
  new BuildFailed(
    `The commit has more than ${mostEntries.toLocaleString('en')} files and folders, which is the most.`,
    {},
    { cause },
  );

function count(bytes: Buffer, wanted: number): number {
  let found = 0;
  for (const byte of bytes) if (byte === wanted) found += 1;
  return found;
}

/** By git's mode (https://git-scm.com/docs/git-fast-import#_filemodify). */
const kinds: Record<string, readonly [TreeEntry['type'], number]> = {
  '100644': ['file', 0o644],
  '100755': ['file', 0o755],
  '120000': ['link', 0o777],
  '040000': ['folder', 0o755],
  // A submodule that nothing is put into.
  '160000': ['folder', 0o755],
};

/** No link on Linux is longer, in bytes. */
const longestLink = 4_096;

const harmful = (path: string): BuildFailed =>
  new BuildFailed(`git refuses to write ${path}, a name or a link that could do harm.`);

/** Docker's own client cannot send it either. */
export const notUtf8 = (path: string): BuildFailed =>
  new BuildFailed(`The name ${JSON.stringify(path)} is not UTF-8, which Docker cannot send.`);
