import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Where the credentials of a registered App are kept; `npm start` reads them from there. */
export const appFile = (dataDir: string): string => resolve(dataDir, 'github-app.env');

/** Whether an App was registered before. */
export const hasApp = (file: string): boolean => existsSync(file);

/**
 * Writes variables into a file that only its owner can read, whole or not at all. Returns false,
 * with nothing changed, when there is one already.
 */
export async function keepApp(file: string, variables: Record<string, string>): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(Object.entries(variables).map(line).join(''));
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Unlike a rename, a link never takes the place of a file that is there.
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

const line = ([name, value]: [string, string]): string =>
  `${name}="${value.trim().replaceAll('\n', '\\n')}"\n`;
