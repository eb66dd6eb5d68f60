import type { TreeEntry } from './file-tree.ts';
import { GitFailed } from './git.ts';
import { type LazyAccess, type MirroredCommit, mirrorCommit } from './mirror.ts';
import { doubtMirror } from './mirror-store.ts';
import { type MirrorTree, mirrorTree } from './mirror-tree.ts';
import type { Mirrors } from './mirrors.ts';

/** A commit's files, and the mirror they are read from. */
export type MirroredTree = { mirror: MirroredCommit; tree: MirrorTree };

/**
 * A commit's files, read from the machine's mirror of its repository. Whether the mirror is whole
 * shows in the reading itself: one that cannot list a commit which it keeps is made anew at once,
 * one in which a file cannot be read before the next build. Throws as mirrorCommit and mirrorTree do.
 */
export async function mirroredTree(
  mirrors: Mirrors,
  access: LazyAccess,
  repositoryId: number,
  sha: string,
  signal: AbortSignal,
  isAnew = false,
): Promise<MirroredTree> {
  const mirror = await mirrorCommit(mirrors, access, repositoryId, sha, signal);
  try {
    const tree = await mirrorTree(access.local, mirror.gitDir, sha, signal);
    return { mirror, tree: { ...tree, read: (entry) => readWarily(tree, mirror, entry) } };
  } catch (error) {
    await doubtAfter(error, mirror);
    await mirror.release();
    if (isAnew || !(error instanceof GitFailed)) throw error;
  }
  return mirroredTree(mirrors, access, repositoryId, sha, signal, true);
}

async function* readWarily(tree: MirrorTree, mirror: MirroredCommit, entry: TreeEntry) {
  try {
    yield* tree.read(entry);
  } catch (error) {
    await doubtAfter(error, mirror);
    throw error;
  }
}

async function doubtAfter(error: unknown, { gitDir }: MirroredCommit): Promise<void> {
  if (error instanceof GitFailed) await doubtMirror(gitDir);
}
