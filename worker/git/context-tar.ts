import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { type BuildContext, type ContextEntry, entriesIn } from './context.ts';
import type { FileTree } from './file-tree.ts';
import { selectEntries, withExceptions } from './ignore.ts';

/**
 * A context as the tar that Docker's command sends to the classic builder, which needs the
 * Dockerfile and `.dockerignore` in it even where they are ignored. Links are never followed. An
 * error on the way destroys the tar with it.
 */
export function contextTar({ tree, folder, dockerfile, patterns }: BuildContext): Readable {
  const needed = withExceptions(patterns, ['.dockerignore', posix.normalize(dockerfile)]);
  const tar = pack();
  selectEntries(entriesIn(tree, folder), needed)
    .then((entries) => addAll(tar, tree, entries))
    .then(
      () => tar.finalize(),
      (error: Error) => tar.destroy(error),
    );
  return tar as unknown as Readable;
}

async function addAll(tar: Pack, tree: FileTree, entries: ContextEntry[]): Promise<void> {
  for (const entry of entries) {
    const { name, type, mode, size, link, modifiedAt } = entry;
    const mtime = new Date(Number(modifiedAt / 1_000_000_000n) * 1_000);
    const common = { name, mode, mtime, uid: 0, gid: 0 };
    if (type === 'folder') await add(tar, { ...common, name: `${name}/`, type: 'directory' });
    else if (type === 'link') await add(tar, { ...common, type: 'symlink', linkname: link });
    else {
      const header = { ...common, type: 'file' as const, size };
      const sink = tar.entry(header) as unknown as NodeJS.WritableStream;
      await pipeline(Readable.from(tree.read(entry), { objectMode: false }), sink);
    }
  }
}

const add = (tar: Pack, header: Partial<Header> & { name: string }): Promise<void> =>
  new Promise((resolve, reject) => {
    tar.entry(header, (error) => (error ? reject(error) : resolve()));
  });
