import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess, untilReady } from '../embedded/process.ts';
import { stopStale } from '../embedded/stale.ts';
import type { Started } from './started.ts';

/** Stops the web process and the worker of an earlier run that was killed. */
export const clearRooms = async (folder: string): Promise<void> => {
  await stopStale(pidFile(folder, 'web'), program('app'));
  await stopStale(pidFile(folder, 'worker'), program('worker'));
};

/** Starts the web process and the worker; returns once the pages can be served. */
export const startRooms = async (
  env: NodeJS.ProcessEnv,
  started: Started[],
  signal: AbortSignal,
): Promise<void> => {
  const web = await startRoom('web', 'app', env);
  started.push({ process: web, stop: web.stop });
  const worker = await startRoom('worker', 'worker', withoutKeys(env));
  started.push({ process: worker, stop: worker.stop });
  const url = `http://${env.HOST || '127.0.0.1'}:${env.PORT}/readyz`;
  await untilReady(web, async () => signal.aborted || (await isReady(url)));
  signal.throwIfAborted();
};

const startRoom = (name: string, folder: string, env: NodeJS.ProcessEnv): Promise<RunningProcess> =>
  startProcess({
    name,
    command: process.execPath,
    args: ['--enable-source-maps', program(folder)],
    env,
    pidFile: pidFile(env.DATA_DIR ?? '', name),
    onLine: (line) => console.log(`${name.padEnd(6)} | ${line}`),
    // Each stops by itself within its own grace time (STOP_GRACE); this only ends one that hangs.
    grace: 600_000,
  });

const pidFile = (folder: string, room: string): string => join(folder, `${room}.pid`);

const program = (folder: string): string =>
  fileURLToPath(new URL(`../../${folder}/main.js`, import.meta.url));

// The worker runs other people's code: what can speak for the App, or for us, stays with the web process.
const withoutKeys = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const ofTheApp = ['PRIVATE_KEY', 'PRIVATE_KEY_PATH', 'WEBHOOK_SECRET', 'GITHUB_CLIENT_SECRET'];
  const keys = [...ofTheApp, 'NOTIFY_SECRET', 'NOTIFY_URL'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !keys.includes(name)));
};

const isReady = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null);
  await response?.body?.cancel();
  return response?.status === 200;
};
