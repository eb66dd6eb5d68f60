import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BuildFailed, EngineFailed } from '../engine/build-errors.ts';
import type { CheckoutTools } from './checkout-tools.ts';
import { type GitAccess, GitFailed, git } from './git.ts';
import type { Placed } from './place-commit.ts';

/** What stands in the repository for a large file (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). */
type Pointer = { path: string; sha256: string; size: number };

/** The most that one file and that all files of one commit may have, in bytes. */
const most = { file: 5 * 2 ** 30, commit: 20 * 2 ** 30 };

/** No pointer is larger, in bytes. */
const largestPointer = 1_024;

/**
 * Puts the content in place of the pointers where `.gitattributes` says `filter=lfs`, and checks
 * what came. git and git-lfs do it as in any clone, from the repository's own store: a
 * `.lfsconfig`, which could name any other server, has no say.
 */
export async function fetchLargeFiles(placed: Placed, tools: CheckoutTools): Promise<void> {
  const pointers = await pointersIn(placed, tools.signal);
  if (pointers.length === 0) return;
  const size = checkedSize(pointers);
  await checkProgram(placed, tools.signal);
  tools.onLine(`Fetching ${pointers.length} files of ${size} bytes from Git LFS`);
  // git writes only what it finds missing.
  for (const { path } of pointers) await unlink(join(placed.tree, path));
  const args = [`--git-dir=${placed.gitDir}`, '--work-tree=.', 'checkout-index', '-z', '--stdin'];
  await git(placed.access, placed.tree, args, tools.signal, {
    input: pointers.map(({ path }) => `${path}\0`).join(''),
    settings: settingsFor(placed.access),
  }).catch(judge);
  for (const pointer of pointers) await verify(placed, pointer);
}

async function pointersIn(placed: Placed, signal: AbortSignal): Promise<Pointer[]> {
  const { access, tree, gitDir, entries } = placed;
  if (!entries.some(({ path }) => /(^|\/)\.gitattributes$/.test(path))) return [];
  const args = [`--git-dir=${gitDir}`, '--work-tree=.', 'ls-files', '-z'];
  const listing = await git(access, tree, [...args, '--', ':(attr:filter=lfs)'], signal);
  const pointers: Pointer[] = [];
  for (const path of listing.split('\0').filter(Boolean)) {
    const info = await lstat(join(tree, path)).catch(() => null);
    if (!info?.isFile() || info.size > largestPointer) continue;
    const text = await readFile(join(tree, path), 'utf8');
    const [, sha256] = /^oid sha256:([0-9a-f]{64})$/m.exec(text) ?? [];
    const [, size] = /^size (\d{1,15})$/m.exec(text) ?? [];
    if (!/^version https:\/\/(git-lfs|hawser)\.github\.com\/spec\/v1\n/.test(text)) continue;
    if (sha256 && size) pointers.push({ path, sha256, size: Number(size) });
  }
  return pointers;
}

function checkedSize(pointers: Pointer[]): number {
  const large = pointers.find(({ size }) => size > most.file);
  if (large)
    throw new BuildFailed(
      `The Git LFS file ${large.path} has ${large.size} bytes, and ${most.file} are the most.`,
    );
  const size = pointers.reduce((sum, pointer) => sum + pointer.size, 0);
  if (size <= most.commit) return size;
  throw new BuildFailed(
    `The Git LFS files of this commit have ${size} bytes together, and ${most.commit} are the most.`,
  );
}

async function checkProgram({ access, tree }: Placed, signal: AbortSignal): Promise<void> {
  await git(access, tree, ['lfs', 'version'], signal).catch((cause: Error) => {
    if (!(cause instanceof GitFailed)) throw cause;
    const message = 'This commit uses Git LFS, and this worker lacks the program git-lfs.';
    throw new EngineFailed(message, { cause });
  });
}

/** Those of `git lfs install`, and those that a `.lfsconfig` might set. */
const settingsFor = ({ url, token }: GitAccess): [string, string][] => [
  ['filter.lfs.process', 'git-lfs filter-process'],
  ['filter.lfs.smudge', 'git-lfs smudge -- %f'],
  ['filter.lfs.required', 'true'],
  ['lfs.url', `${url}/info/lfs`],
  [`lfs.${url}/info/lfs.access`, token ? 'basic' : 'none'],
  ['lfs.basictransfersonly', 'true'],
  ['lfs.fetchinclude', ''],
  ['lfs.fetchexclude', ''],
];

/** git-lfs has made its own retries by now. */
function judge(error: unknown): never {
  if (!(error instanceof GitFailed)) throw error;
  const lines = error.printed.split('\n').map((line) => line.trim());
  const line = lines.find((text) => /error downloading|smudge error|batch /i.test(text));
  const message = `Git LFS does not give a file of this commit: ${(line ?? error.message).slice(0, 300)}`;
  throw isFinal.test(error.printed)
    ? new BuildFailed(message, {}, { cause: error })
    : new EngineFailed(message, { cause: error });
}

/** What the next attempt would be told too: gone, forbidden, or over what the owner pays for. */
const isFinal = /does not exist on the server|\[40[34]\]|quota|budget/i;

async function verify({ tree }: Placed, { path, sha256, size }: Pointer): Promise<void> {
  const file = join(tree, path);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if ((await lstat(file)).size === size && hash.digest('hex') === sha256) return;
  throw new EngineFailed(`Git LFS gave other content for ${path} than the commit names.`);
}
