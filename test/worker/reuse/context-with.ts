import type { BuildContext } from '../../../worker/git/context.ts';
import { fileTree, type TreeEntry } from '../../../worker/git/file-tree.ts';

/** What of a context matters to a test; a link is written as `link -> target`. */
export type ContextWish = {
  dockerfile: string;
  /** Each file's content, here in place of git's id. */
  files: Record<string, string>;
  treeId?: string;
};

/** A context as a commit with these files gives it; a name that ends with `/` is a folder. */
export function contextWith(wish: ContextWish): BuildContext {
  const { files, dockerfile: dockerfileText, treeId = 'tree' } = wish;
  const entries = Object.entries(files).map(([path, content]): TreeEntry => {
    const link = /^-> (.*)$/.exec(content)?.[1] ?? '';
    const type = path.endsWith('/') ? 'folder' : link ? 'link' : 'file';
    const place = { path: path.replace(/\/$/, ''), link, id: content, size: content.length };
    return { ...place, type, mode: type === 'file' ? 0o644 : 0o755, modifiedAt: 0n };
  });
  const tree = fileTree(entries, {
    ...{ id: treeId, committedAt: new Date(0), close: () => {} },
    read: async function* () {},
  });
  return {
    ...{ tree, folder: '', dockerfile: 'Dockerfile', dockerfileText, patterns: [] },
    entries: tree.entries.map((entry) => ({ ...entry, name: entry.path })),
  };
}
