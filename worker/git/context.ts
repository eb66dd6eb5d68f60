import { lstatSync } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pack } from 'tar-fs';
import { BuildFailed } from '../engine/build-errors.ts';
import type { Checkout } from './checkout.ts';

// Its types describe a default export that Node's own import of this CommonJS module does not have.
const dockerignore = createRequire(import.meta.url)('@balena/dockerignore') as (options: {
  ignorecase: boolean;
}) => Ignore;

type Ignore = { add(text: string): Ignore; ignores(name: string): boolean };

/** What the Engine gets to build from. */
export type BuildContext = { tar: Readable; dockerfileText: string };

/** A Dockerfile or ignore file larger than this is not one, in bytes. */
const largest = 2 ** 20;

/**
 * The context as `docker build` would send it from a clean checkout: without what `.dockerignore`
 * (or `<Dockerfile>.dockerignore`, if there is one) names, links as links, every time the
 * commit's, owner root. The Engine does not apply ignore files to a tar, so it is done here.
 */
export async function buildContext(
  checkout: Checkout,
  { context, dockerfile }: { context: string; dockerfile: string },
): Promise<BuildContext> {
  const { committedAt } = checkout;
  const tree = await folderInside(checkout.tree, context);
  const dockerfileText = tree && (await readInside(tree, dockerfile));
  if (tree === null || dockerfileText === null)
    throw new BuildFailed(`There is no ${join(context, dockerfile)} in this commit.`);
  const ignoreText =
    (await readInside(tree, `${dockerfile}.dockerignore`)) ??
    (await readInside(tree, '.dockerignore')) ??
    '';
  const ignore = dockerignore({ ignorecase: false }).add(ignoreText);
  const mayReturn = /^\s*!/m.test(ignoreText);
  const always = new Set([dockerfile, '.dockerignore']);
  const tar = pack(tree, {
    ignore: (path: string) => {
      const name = relative(tree, path).split(sep).join('/');
      if (name === '' || always.has(name)) return false;
      // A folder that is ignored may hold a file that an exception brings back.
      if (mayReturn && lstatSync(path).isDirectory()) return false;
      return ignore.ignores(name);
    },
    map: (header) => ({ ...header, uid: 0, gid: 0, mtime: committedAt }),
  });
  return { tar: tar as unknown as Readable, dockerfileText };
}

/** A folder of the checkout, or null if there is none or a link leads out. */
async function folderInside(tree: string, context: string): Promise<string | null> {
  const root = await realpath(tree);
  const folder = await realpath(join(root, context)).catch(() => null);
  return folder !== null && (folder === root || folder.startsWith(root + sep)) ? folder : null;
}

/** A file's text, or null if it is missing or a link leads out of the checkout. */
async function readInside(tree: string, name: string): Promise<string | null> {
  try {
    const path = await realpath(join(tree, name));
    if (!path.startsWith((await realpath(tree)) + sep)) return null;
    const info = await lstat(path);
    return info.isFile() && info.size <= largest ? await readFile(path, 'utf8') : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return null;
    }
    throw error;
  }
}
