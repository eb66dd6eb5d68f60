import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Started } from './started.ts';

/**
 * Makes this process the only one that starts services in the folder. Without it a second start
 * would take the first one's Redis for a left-over and stop it.
 */
export const holdFolder = async (folder: string): Promise<Started> => {
  const file = join(folder, 'slipway.pid');
  const holder = await heldBy(file);
  if (holder) {
    throw new Error(
      `Process ${holder} runs Slipway with ${folder} already. Stop it (kill ${holder}), ` +
        'or name another folder: DATA_DIR=… npm start',
    );
  }
  await writeFile(file, `${process.pid}\n`);
  return { stop: () => rm(file, { force: true }) };
};

// The id may belong to any process by now; ours has the name of this program on its command line.
const heldBy = async (file: string): Promise<number | null> => {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  if (!pid || pid === process.pid) return null;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes('bin/start.js') ? pid : null;
};
