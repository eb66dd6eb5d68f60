import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, isFree } from '../embedded/free-port.ts';
import { clearRegistry } from '../embedded/registry.ts';

/**
 * The port of the embedded registry. It is part of every image's name, so the one of the first
 * start is kept: 5000, as everybody expects, or a free one where that is taken.
 */
export const chooseRegistryPort = async (
  folder: string,
): Promise<{ port: number; notes: string[] }> => {
  await mkdir(folder, { recursive: true });
  // One that an earlier run left behind would still hold the port.
  await clearRegistry(folder);
  const file = join(folder, 'port');
  const kept = Number(await readFile(file, 'utf8').catch(() => '')) || null;
  const wanted = kept ?? 5000;
  if (kept && (await isFree(kept))) return { port: kept, notes: [] };
  const port = (await isFree(wanted)) ? wanted : await freePort();
  await writeFile(file, `${port}\n`);
  const notes = kept
    ? [`Port ${kept} is taken by another program, so images are now named localhost:${port}/….`]
    : [];
  return { port, notes };
};
