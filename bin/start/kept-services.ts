import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Started } from './started.ts';

const names = ['REDIS_URL', 'REGISTRY', 'DOCKER_HOST', 'PORT', 'LOCAL_REMOTE', 'DATA_DIR'];

/**
 * Writes down, for its owner only and until the end, what the processes of this start are told, so
 * that `npm run doctor` looks at the same Redis, registry and engine.
 */
export const keepServices = async (env: NodeJS.ProcessEnv, folder: string): Promise<Started> => {
  const file = fileIn(folder);
  const lines = names.flatMap((name) => (env[name] ? [`${name}='${env[name]}'\n`] : []));
  await writeFile(file, lines.join(''), { mode: 0o600 });
  return { stop: () => rm(file, { force: true }) };
};

/** What the start that runs with this folder told its processes; nothing if none runs. */
export const keptServices = async (folder: string): Promise<NodeJS.ProcessEnv> => {
  try {
    return parseEnv(await readFile(fileIn(folder), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
};

const fileIn = (folder: string): string => join(folder, 'services.env');
