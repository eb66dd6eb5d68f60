import { createHash } from 'node:crypto';
import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { processesMarked, processesRootedIn, stopAll } from './stale.ts';

/**
 * The name of everything that the engine of this folder makes outside it: its bridge, its rules,
 * its folder in /run. Always the same for the same folder, so that a later start finds it again;
 * 15 letters, which is as long as an interface's name may be.
 */
export const engineTag = (folder: string): string =>
  `slipway-${createHash('sha256').update(folder).digest('hex').slice(0, 7)}`;

/** Where the engine of this folder keeps its sockets. */
export const runFolder = (folder: string): string => join('/run', engineTag(folder));

/**
 * Ends what a killed dockerd leaves behind: containerd, its shims, the processes of containers and
 * builds, and the file systems mounted for them.
 */
export const removeRemains = async (folder: string): Promise<void> => {
  const run = runFolder(folder);
  const real = await realpath(folder).catch(() => folder);
  const services = await processesMarked(`${run}/exec/`);
  const contained = await processesRootedIn(join(real, 'data'));
  await stopAll([...services, ...contained], 3000);
  for (const mount of await mountsBelow([real, run])) {
    await execa('umount', ['--lazy', mount], { reject: false });
  }
  await rm(run, { recursive: true, force: true });
};

// Innermost first. The kernel writes space, tab, newline and backslash as octal numbers.
const mountsBelow = async (folders: readonly string[]): Promise<string[]> =>
  (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) =>
      path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .reverse();
