import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/**
 * The GitHub App that the set-up page registered, as variables of the environment; none when the
 * environment names an App itself. The file is written by app/set-up/app-file.ts.
 */
export const keptApp = async (
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<NodeJS.ProcessEnv> => {
  if (env.APP_ID) return {};
  try {
    return parseEnv(await readFile(join(folder, 'github-app.env'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
};
