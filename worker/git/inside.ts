import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { BuildFailed } from '../engine/build-errors.ts';

/** A folder that paths and links in it may not leave: its real path, and its name in a sentence. */
export type Fence = { folder: string; name: string };

/**
 * The real path of what a repository names, links followed; null if nothing is there. Throws
 * BuildFailed if that lies outside of the fence, so that the worker's own files stay its own.
 */
export async function realPathInside(
  fence: Fence,
  folder: string,
  name: string,
): Promise<string | null> {
  const path = await realpath(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (missing.includes(error.code ?? '')) return null;
    throw error;
  });
  if (path === null || isInside(fence.folder, path)) return path;
  throw new BuildFailed(`${name} leads out of ${fence.name}, which is not allowed.`);
}

/** Whether a real path is a real folder's or lies in it. */
export const isInside = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder + sep);

const missing = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];
