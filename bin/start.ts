import { mkdir, realpath } from 'node:fs/promises';
import { ConfigError, checkConfigs, exitConfig } from '../queue/config.ts';
import { explain } from './embedded/process.ts';
import { holdFolder } from './start/hold-folder.ts';
import { keptApp } from './start/kept-app.ts';
import { keepServices } from './start/kept-services.ts';
import { choosePort } from './start/port.ts';
import { clearRooms, startRooms } from './start/rooms.ts';
import { startServices } from './start/services.ts';
import { whenAskedToStop } from './start/signals.ts';
import type { Started } from './start/started.ts';
import { summary } from './start/summary.ts';

/**
 * `npm start`: the whole service on one machine. What the environment does not name (Redis, a
 * registry, an engine, a GitHub App) is started here under DATA_DIR, and stopped again at the end.
 */
const main = async (): Promise<number> => {
  // Ctrl-C ends the reader of `npm start | tee log` as well; what runs must be stopped all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const started: Started[] = [];
  let grace: number | undefined;
  const stop = whenAskedToStop();
  const running = start(process.env, started, stop.signal).catch((error: Error) => {
    if (!stop.signal.aborted) throw error;
  });
  try {
    // A step that is under way when the stop is asked for is let finish: what it started is known
    // only then.
    await Promise.race([running, stop.asked.then(() => running)]);
    await Promise.race([stop.asked, died(started)]);
    console.log('Stopping: the worker first, then the pages, then what was started for them.');
    return 0;
  } catch (error) {
    console.error(`\nslipway: ${(error as Error).message}`);
    // Without Redis, say, the worker has nobody to hand its builds back to and would wait for it.
    grace = 5000;
    return error instanceof ConfigError ? exitConfig : 1;
  } finally {
    for (const { stop } of started.reverse()) await stop(grace);
  }
};

const start = async (env: NodeJS.ProcessEnv, started: Started[], signal: AbortSignal) => {
  // A root shell opened with plain `su` does not look where dockerd, ip and iptables lie.
  env.PATH = `${env.PATH}:/usr/sbin:/sbin`;
  const folder = await dataFolder(env.DATA_DIR || 'data');
  started.push(await holdFolder(folder));
  await clearRooms(folder);
  const port = await choosePort(env);
  const services = await startServices(env, folder, started, signal);
  const app = await keptApp(env, folder);
  const local = !env.APP_ID && !app.APP_ID;
  const whole: NodeJS.ProcessEnv = {
    ...env,
    ...app,
    ...services.env,
    DATA_DIR: folder,
    PORT: String(port),
  };
  if (local) whole.LOCAL_REMOTE = 'true';
  // Here too, so that every mistake is told before anything else and by the exit code.
  checkConfigs(whole);
  started.push(await keepServices(whole, folder));
  await startRooms(whole, started, signal);
  console.log(summary({ env: whole, local, services }));
};

const dataFolder = async (given: string): Promise<string> => {
  await mkdir(given, { recursive: true });
  return realpath(given);
};

/** Rejects as soon as one of the processes ends that should run until we stop it. */
const died = (started: readonly Started[]): Promise<never> =>
  Promise.race(
    started.flatMap(({ process: child }) =>
      child
        ? [
            child.ended.then((how) => {
              throw new Error(explain(child, `ended by itself with ${how}, so all is stopped`));
            }),
          ]
        : [],
    ),
  );

process.exit(await main());
