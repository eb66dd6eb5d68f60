import { posix } from 'node:path';
import { BuildFailed } from '../engine/build-errors.ts';
import { type FileTree, type TreeEntry, textOf } from './file-tree.ts';
import { selectEntries } from './ignore.ts';
import { type IgnorePattern, readIgnorePatterns } from './ignore-pattern.ts';
import { entryAt, type Fence, resolveInside } from './tree-paths.ts';

/** What an image is built from. */
export type BuildContext = {
  tree: FileTree;
  /** The folder of the tree that is the context; '' for all of it. */
  folder: string;
  /** What the ignore file leaves of it, with paths from the folder; see {@link selectEntries}. */
  entries: ContextEntry[];
  /** The Dockerfile's own path in the folder, links followed, and its text. */
  dockerfile: string;
  dockerfileText: string;
  patterns: IgnorePattern[];
};

/** An entry of the tree with its path in the context. */
export type ContextEntry = TreeEntry & { name: string };

/** Larger ones are no Dockerfiles and no ignore files, in bytes. */
const largest = { dockerfile: 2 ** 20, ignoreFile: 2 ** 18 };

/** More patterns would make the walk through a large repository too slow. */
const mostPatterns = 10_000;

/**
 * The context as `docker build` would send it from a clean checkout: without what `.dockerignore`
 * (or `<Dockerfile>.dockerignore`, if there is one) names, links as links. Throws BuildFailed for
 * what the repository has wrong.
 */
export async function buildContext(
  tree: FileTree,
  { context, dockerfile }: { context: string; dockerfile: string },
): Promise<BuildContext> {
  const repository = { folder: '', name: 'the repository' };
  const folder = resolveInside(tree, repository, '', context);
  if (folder === null || entryAt(tree, folder)?.type !== 'folder')
    throw new BuildFailed(`There is no folder ${context} in this commit.`);
  // Docker too refuses a Dockerfile that a link puts beside the context.
  const fence = { folder, name: context === '.' ? 'the repository' : `the context ${context}` };
  const path = resolveInside(tree, fence, folder, dockerfile);
  if (path === null)
    throw new BuildFailed(`There is no ${posix.join(context, dockerfile)} in this commit.`);
  const dockerfileText = await smallText(tree, path, dockerfile, largest.dockerfile);
  const patterns = await ignorePatterns(tree, repository, folder, dockerfile);
  return {
    ...{ tree, folder, dockerfileText, patterns },
    entries: await selectEntries(entriesIn(tree, folder), patterns),
    dockerfile: folder === '' ? path : path.slice(folder.length + 1),
  };
}

/** What is in a folder of the tree, at any depth. */
export function entriesIn(tree: FileTree, folder: string): ContextEntry[] {
  if (folder === '') return tree.entries.map((entry) => ({ ...entry, name: entry.path }));
  const start = `${folder}/`;
  return tree.entries
    .filter(({ path }) => path.startsWith(start))
    .map((entry) => ({ ...entry, name: entry.path.slice(start.length) }));
}

async function ignorePatterns(
  tree: FileTree,
  repository: Fence,
  folder: string,
  dockerfile: string,
): Promise<IgnorePattern[]> {
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const path = resolveInside(tree, repository, folder, name);
    if (path === null) continue;
    const text = await smallText(tree, path, name, largest.ignoreFile);
    try {
      const patterns = readIgnorePatterns(text);
      if (patterns.length <= mostPatterns) return patterns;
    } catch (cause) {
      throw new BuildFailed(`${name} cannot be used: ${(cause as Error).message}.`, {}, { cause });
    }
    throw new BuildFailed(`${name} has more than ${mostPatterns} patterns, which is the most.`);
  }
  return [];
}

async function smallText(tree: FileTree, path: string, name: string, most: number) {
  const entry = tree.find(path);
  if (entry?.type !== 'file') throw new BuildFailed(`${name} is not a file.`);
  if (entry.size <= most) return textOf(tree, entry);
  throw new BuildFailed(`${name} is larger than ${most / 1024} KiB, which is the most.`);
}
