import { posix } from 'node:path';
import { BuildFailed } from '../engine/build-errors.ts';
import type { FileTree, TreeEntry } from './file-tree.ts';

/** A folder that paths and links in it may not leave ('' is all of it), and its name in a sentence. */
export type Fence = { folder: string; name: string };

/** As many as Linux follows (path_resolution(7)). */
const mostLinks = 40;

/**
 * Where a path leads in a tree, links followed: '' is its root, null is nowhere. `from` is the
 * folder that it is relative to. Throws BuildFailed if it leaves the fence, so that nothing but the
 * repository's own files can be reached by what it says.
 */
export function resolveInside(
  tree: FileTree,
  fence: Fence,
  from: string,
  path: string,
): string | null {
  let links = 0;
  const leadsOut = () =>
    new BuildFailed(`${path} leads out of ${fence.name}, which is not allowed.`);
  const follow = (path: string): string | null => {
    let at = '';
    // The next one last, so that what a link stands for is put in its place cheaply.
    const names = namesOf(path).reverse();
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const here = name === '..' ? above(at) : posix.join(at, name);
      if (here === null) throw leadsOut();
      const clean = here === '.' ? '' : here;
      const entry = clean === '' ? undefined : tree.find(clean);
      if (clean !== '' && !entry) return null;
      if (entry?.type !== 'link') {
        at = clean;
        continue;
      }
      links += 1;
      if (links > mostLinks) return null;
      if (entry.link.startsWith('/')) throw leadsOut();
      names.push(...namesOf(entry.link).reverse());
    }
    return at;
  };
  // As a shell does, `..` is taken away before any link is followed.
  const clean = posix.normalize(posix.join(from || '.', path));
  if (clean.startsWith('/')) throw leadsOut();
  const found = follow(clean);
  if (found === null || isInside(fence.folder, found)) return found;
  throw leadsOut();
}

/** The entry at a path; the root is a folder like any other. */
export const entryAt = (tree: FileTree, path: string): Pick<TreeEntry, 'type'> | undefined =>
  path === '' ? { type: 'folder' } : tree.find(path);

const isInside = (folder: string, path: string): boolean =>
  folder === '' || path === folder || path.startsWith(`${folder}/`);

/** The folder above; null above the root. */
const above = (path: string): string | null =>
  path === '' ? null : posix.dirname(path).replace(/^\.$/, '');

const namesOf = (path: string): string[] =>
  path.split('/').filter((name) => name !== '' && name !== '.');
