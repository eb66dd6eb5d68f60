import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What stands at a path: a text, a link, or a mode for a file (or for a folder, by its slash). */
export type Planted = Record<string, string | { link: string } | { mode: number }>;

/** Makes files, links and folders; the modes of folders come last, since they may close them. */
export async function plant(folder: string, files: Planted): Promise<void> {
  for (const [name, what] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (typeof what === 'string') await writeFile(path, what);
    else if ('link' in what) await symlink(what.link, path);
    else if (!name.endsWith('/')) await writeFile(path, name);
    if (typeof what === 'object' && 'mode' in what) await chmod(path, what.mode);
  }
}
