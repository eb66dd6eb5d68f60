import { createReadStream, type Dirent, type Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { BuildFailed } from '../engine/build-errors.ts';
import { judge, type Matches, mayHoldException } from './ignore.ts';
import type { IgnorePattern } from './ignore-pattern.ts';

/** So many small files are read at once, and so large may a small file be, in bytes. */
const atOnce = 32;
const small = 2 ** 16;

/** One file, link or folder, small files with their content. */
type Item = { path: string; info: Stats; link: string; content: Buffer | null };

/**
 * Everything in a folder that the patterns leave, as a tar in the order and with the entries of
 * Docker's classic builder: an ignored folder has none, even where an exception keeps a file in
 * it. Links are never followed. An error on the way destroys the tar with it.
 */
export function packContext(folder: string, patterns: IgnorePattern[], mtime: Date): Readable {
  const tar = pack();
  addFolder(tar, { folder, patterns, mtime }, '', []).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return tar as unknown as Readable;
}

type Walk = { folder: string; patterns: IgnorePattern[]; mtime: Date };

async function addFolder(tar: Pack, walk: Walk, at: string, parent: Matches): Promise<void> {
  const { folder, patterns } = walk;
  const found = await readdir(join(folder, at), { withFileTypes: true });
  const judged = found.sort(byBytes).flatMap((entry) => {
    const name = at === '' ? entry.name : `${at}/${entry.name}`;
    const { isIgnored, matches } = judge(patterns, name, parent);
    const isLookedInto = entry.isDirectory() && mayHoldException(patterns, name);
    return isIgnored && !isLookedInto ? [] : { name, entry, isIgnored, matches };
  });
  for (let from = 0; from < judged.length; from += atOnce) {
    const some = judged.slice(from, from + atOnce);
    const items = await Promise.all(
      some.map(({ name, isIgnored }) => (isIgnored ? null : readItem(folder, name))),
    );
    for (const [index, { name, entry, matches }] of some.entries()) {
      const item = items[index];
      if (item) await addItem(tar, name, item, walk.mtime);
      if (entry.isDirectory()) await addFolder(tar, walk, name, matches);
    }
  }
}

/** As Go sorts names, which for some is not as JavaScript does. */
const byBytes = (a: Dirent, b: Dirent): number =>
  Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));

async function readItem(folder: string, name: string): Promise<Item> {
  const path = join(folder, name);
  const info = await lstat(path).catch((cause: Error) => {
    // Node has put this character in place of what it could not read.
    if (!name.includes('\uFFFD')) throw cause;
    const message = `The name ${JSON.stringify(name)} is not UTF-8, which Docker cannot send.`;
    throw new BuildFailed(message, {}, { cause });
  });
  const isSmall = info.isFile() && info.size <= small;
  const link = info.isSymbolicLink() ? await readlink(path) : '';
  return { path, info, link, content: isSmall ? await readFile(path) : null };
}

async function addItem(tar: Pack, name: string, item: Item, mtime: Date): Promise<void> {
  const { path, info, link, content } = item;
  const common = { name, mode: info.mode & 0o7777, mtime, uid: 0, gid: 0 };
  if (info.isDirectory()) await add(tar, { ...common, name: `${name}/`, type: 'directory' });
  else if (info.isSymbolicLink()) await add(tar, { ...common, type: 'symlink', linkname: link });
  else if (content) await add(tar, { ...common, type: 'file' }, content);
  else if (info.isFile())
    await pipeline(
      createReadStream(path),
      tar.entry({ ...common, type: 'file', size: info.size }) as unknown as NodeJS.WritableStream,
    );
}

const add = (
  tar: Pack,
  header: Partial<Header> & { name: string },
  content?: Buffer,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (content) tar.entry(header, content, done);
    else tar.entry(header, done);
  });
