import { readFile, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { BuildFailed } from '../engine/build-errors.ts';
import type { Checkout } from './checkout.ts';
import { packContext } from './context-tar.ts';
import { withExceptions } from './ignore.ts';
import { type IgnorePattern, readIgnorePatterns } from './ignore-pattern.ts';
import { type Fence, realPathInside } from './inside.ts';

/** What the Engine gets to build from. */
export type BuildContext = {
  tar: Readable;
  /** Where the Dockerfile is in it, links followed. */
  dockerfile: string;
  dockerfileText: string;
};

/** Larger ones are no Dockerfiles and no ignore files, in bytes. */
const largest = { dockerfile: 2 ** 20, ignoreFile: 2 ** 18 };

/** More patterns would make the walk through a large repository too slow. */
const mostPatterns = 10_000;

/**
 * The context as `docker build` would send it from a clean checkout: without what `.dockerignore`
 * (or `<Dockerfile>.dockerignore`, if there is one) names, links as links, every time the
 * commit's, owner root. The Engine does not apply ignore files to a tar, so it is done here.
 * Throws BuildFailed for what the repository has wrong.
 */
export async function buildContext(
  checkout: Checkout,
  { context, dockerfile }: { context: string; dockerfile: string },
): Promise<BuildContext> {
  const repository = { folder: await realpath(checkout.tree), name: 'the repository' };
  const folder = await realPathInside(repository, repository.folder, context);
  if (folder === null || !(await stat(folder)).isDirectory())
    throw new BuildFailed(`There is no folder ${context} in this commit.`);
  // Docker too refuses a Dockerfile that a link puts beside the context.
  const fence = { folder, name: context === '.' ? 'the repository' : `the context ${context}` };
  const dockerfilePath = await realPathInside(fence, folder, dockerfile);
  if (dockerfilePath === null)
    throw new BuildFailed(`There is no ${join(context, dockerfile)} in this commit.`);
  const dockerfileText = await textOf(dockerfilePath, dockerfile, largest.dockerfile);
  const patterns = await ignorePatterns(repository, folder, dockerfile);
  const found = relative(folder, dockerfilePath);
  return {
    tar: packContext(
      folder,
      withExceptions(patterns, ['.dockerignore', found]),
      checkout.committedAt,
    ),
    dockerfile: found,
    dockerfileText,
  };
}

async function ignorePatterns(
  repository: Fence,
  folder: string,
  dockerfile: string,
): Promise<IgnorePattern[]> {
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const path = await realPathInside(repository, folder, name);
    if (path === null) continue;
    const text = await textOf(path, name, largest.ignoreFile);
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

async function textOf(path: string, name: string, most: number): Promise<string> {
  const info = await stat(path);
  if (!info.isFile()) throw new BuildFailed(`${name} is not a file.`);
  if (info.size <= most) return readFile(path, 'utf8');
  throw new BuildFailed(`${name} is larger than ${most / 1024} KiB, which is the most.`);
}
