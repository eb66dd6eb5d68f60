import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearEngine } from '../../bin/embedded/engine.ts';
import { clearRedis } from '../../bin/embedded/redis.ts';
import { clearRegistry } from '../../bin/embedded/registry.ts';
import { isAlive } from '../../bin/embedded/stale.ts';

const prefix = 'slipway-tests-';

/** A new folder for the services of one test run; names this process as its owner. */
export const makeServicesFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(await realpath(tmpdir()), prefix));
  await writeFile(join(folder, 'owner'), String(process.pid));
  return folder;
};

/** Stops the services of a test run and removes their folder. */
export const clearServices = async (folder: string): Promise<void> => {
  await clearRedis(join(folder, 'redis'));
  await clearRegistry(join(folder, 'registry'));
  await clearEngine(join(folder, 'engine'));
  await rm(folder, { recursive: true, force: true });
};

/** Clears what test runs left behind that were killed before their teardown. */
export const clearAbandoned = async (): Promise<void> => {
  const parent = await realpath(tmpdir());
  for (const name of (await readdir(parent)).filter((entry) => entry.startsWith(prefix))) {
    const owner = await readFile(join(parent, name, 'owner'), 'utf8').catch(() => '');
    if (owner && !(await isAlive(Number(owner)))) await clearServices(join(parent, name));
  }
};
