import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildFailed } from '../engine/build-errors.ts';
import type { CheckoutTools } from './checkout-tools.ts';
import { type FileTree, textOf } from './file-tree.ts';
import { folderTree } from './folder-tree.ts';
import { type GitAccess, GitFailed } from './git.ts';
import { fetchLargeFiles } from './large-files.ts';
import type { MirroredCommit } from './mirror.ts';
import type { MirrorTree } from './mirror-tree.ts';
import { mirroredTree } from './mirrored-tree.ts';
import { placeCommit } from './place-commit.ts';
import { placeSubmodules } from './place-submodules.ts';
import { untilReachable } from './until-reachable.ts';

/** A commit's files. */
export type Checkout = {
  tree: FileTree;
  /** The folder they are in, without git's own among them; null where they were not written. */
  folder: string | null;
  /** The commits that this one follows on. */
  parents: string[];
  /** Lets go of what the files are read from. */
  close: () => Promise<void>;
};

/** Which commit, and where it may be written to. */
export type CheckoutRequest = {
  repositoryId: number;
  sha: string;
  local: Pick<GitAccess, 'home' | 'path'>;
  /** For git's own files and for the commit's; it is there. */
  folder: string;
  /** Whether the files are needed in a folder in any case. */
  needsFolder: boolean;
};

/**
 * Makes the files of exactly one commit available, with its submodules and the content of its large
 * files. They are read from this machine's mirror of the repository, and written to a folder only
 * where git has more to do than to hand them out. `access`, the right to read the repository, is
 * asked for only where it is needed: not for a commit that the mirror has. Throws BuildFailed for
 * what is wrong with the repository, GitFailed if git could not reach it.
 */
export async function checkOut(
  access: () => Promise<GitAccess>,
  request: CheckoutRequest,
  tools: CheckoutTools,
): Promise<Checkout> {
  const { repositoryId, sha, local } = request;
  const { mirrors, signal, onLine } = tools;
  const own = { ...local, url: '', token: null };
  const fetch = (granted: () => Promise<GitAccess>) => {
    const once = () => mirroredTree(mirrors, { local: own, granted }, repositoryId, sha, signal);
    return untilReachable(once, onLine, signal);
  };
  const fetchAnew = (error: unknown) => {
    // To a token that was taken back GitHub shows the repository as gone.
    if (error instanceof GitFailed && isGone.test(error.printed)) return fetch(tools.renewAccess);
    throw error;
  };
  const mirrored = await fetch(access).catch(fetchAnew).catch(judgeFetch);
  const { mirror, tree } = mirrored;
  const { parents } = tree;
  const close = async (): Promise<void> => {
    tree.close();
    await mirror.release();
  };
  let isReadFromMirror = false;
  try {
    isReadFromMirror = !request.needsFolder && !(await needsGit(tree));
    if (isReadFromMirror) return { tree, parents, folder: null, close };
    const written = await writeOut(await access(), mirror, tree, request, tools);
    return { ...written, parents, close: async () => written.tree.close() };
  } finally {
    if (!isReadFromMirror) await close();
  }
}

/** Whether the commit has what only a checkout puts in its place: submodules, attributes at work. */
async function needsGit(tree: FileTree): Promise<boolean> {
  if (tree.find('.gitmodules')) return true;
  for (const entry of tree.entries) {
    if (entry.type !== 'file' || !/(^|\/)\.gitattributes$/.test(entry.path)) continue;
    if (entry.size > largestAttributes) return true;
    if (changesContent.test(await textOf(tree, entry))) return true;
  }
  return false;
}

/** Larger ones are left to git to read, in bytes. */
const largestAttributes = 2 ** 18;

/** The attributes that make a checkout's content another than the repository's (gitattributes(5)). */
const changesContent = /\b(filter|ident|working-tree-encoding)\b|\beol=crlf\b/;

async function writeOut(
  access: GitAccess,
  { gitDir: mirror }: MirroredCommit,
  { id, committedAt, modifiedAt }: MirrorTree,
  { sha, folder }: CheckoutRequest,
  tools: CheckoutTools,
): Promise<{ tree: FileTree; folder: string }> {
  const real = await realpath(folder);
  const at = { tree: join(real, 'tree'), gitDir: join(real, 'git'), mirror };
  const main = await placeCommit(access, sha, at, tools.signal).catch(judgeFetch);
  const submodules = await placeSubmodules(main, join(real, 'modules'), tools);
  for (const placed of [main, ...submodules]) await fetchLargeFiles(placed, tools);
  return { tree: await folderTree(main.tree, { id, committedAt }, modifiedAt), folder: main.tree };
}

function judgeFetch(error: unknown): never {
  if (!(error instanceof GitFailed)) throw error;
  const [, path] = /invalid path '(.*)'/.exec(error.printed) ?? [];
  const reason = path
    ? `git refuses to write ${path}, a name or a link that could do harm.`
    : isGone.test(error.printed) && 'The commit or its repository is no longer there.';
  throw reason ? new BuildFailed(reason, {}, { cause: error }) : error;
}

const isGone = /not our ref|couldn't find remote ref|Repository not found|repository .* not found/i;
