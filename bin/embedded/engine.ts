import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { makeNetwork, removeNetwork } from './engine-network.ts';
import { engineTag, removeRemains, runFolder } from './engine-remains.ts';
import { answersPing } from './find-engine.ts';
import { type RunningProcess, startProcess, untilReady } from './process.ts';
import { stopStale } from './stale.ts';

/** Where an engine keeps its images. */
export type EngineOptions = { folder: string };

/** A Docker Engine of our own. */
export type EmbeddedEngine = {
  /** For DOCKER_HOST: `unix:///run/slipway-…/docker.sock`. */
  host: string;
  pid: number;
  process: RunningProcess;
  /** Sentences about what this machine did not allow and what was done instead. */
  notes: string[];
  kill(signal: NodeJS.Signals): void;
  stop(shorter?: number): Promise<void>;
};

/**
 * Starts dockerd beside any other engine of this machine: its own data, socket, bridge and address
 * range. Needs root. Returns once it answers.
 */
export const startEngine = async (options: EngineOptions): Promise<EmbeddedEngine> => {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  await clearEngine(folder);
  const run = runFolder(folder);
  await mkdir(run, { recursive: true, mode: 0o700 });
  const { bridge, pool, notes } = await makeNetwork(engineTag(folder));
  const socket = join(run, 'docker.sock');
  const host = `unix://${socket}`;
  await writeFile(configFile(folder), JSON.stringify(configuration(folder, bridge, pool), null, 2));
  const child = await startProcess({
    name: 'dockerd',
    command: 'dockerd',
    args: ['--config-file', configFile(folder)],
    pidFile: pidFile(folder),
    logFile: join(folder, 'engine.log'),
    noise,
    // It gives containers ten seconds of their own before it kills them.
    grace: 20_000,
  });
  await untilReady(child, () => answersPing(host)).catch(async (error: Error) => {
    await removeAll(folder);
    throw new Error(`${error.message}\n${advice}`);
  });
  return {
    host,
    pid: child.pid,
    process: child,
    notes: [...notes, ...(await slowStorage(socket))],
    kill: child.kill,
    stop: async (shorter) => {
      await child.stop(shorter);
      await removeAll(folder);
    },
  };
};

/**
 * Stops the engine that an earlier run left behind in this folder, with its containers, mounts and
 * bridge. Its images stay.
 */
export const clearEngine = async (folder: string): Promise<boolean> => {
  const stopped = await stopStale(pidFile(folder), configFile(folder), 20_000);
  await removeAll(folder);
  return stopped;
};

const pidFile = (folder: string): string => join(folder, 'engine.pid');
const configFile = (folder: string): string => join(folder, 'daemon.json');

const removeAll = async (folder: string): Promise<void> => {
  await removeRemains(folder);
  await removeNetwork(engineTag(folder));
};

/** What dockerd warns of at the end of every build's session, where nothing is wrong. */
const noise = /\[core\].*only one connection allowed/;

const advice =
  'A Docker Engine needs root, cgroups and a kernel that lets it mount overlays. ' +
  'Start one elsewhere and name it in DOCKER_HOST.';

const configuration = (folder: string, bridge: string, pool: string): object => ({
  'data-root': join(folder, 'data'),
  // Sockets lie in here, and a socket's path may have 108 bytes: not below a folder of any length.
  'exec-root': join(runFolder(folder), 'exec'),
  pidfile: join(runFolder(folder), 'docker.pid'),
  hosts: [`unix://${join(runFolder(folder), 'docker.sock')}`],
  bridge,
  'default-address-pools': [{ base: pool, size: 24 }],
  // dockerd empties and rebuilds the chains it shares with every other engine of the machine; the
  // rules that our containers need are made with the bridge instead.
  iptables: false,
  'ip-masq': false,
  // The same with and without systemd.
  'exec-opts': ['native.cgroupdriver=cgroupfs'],
  'log-level': 'warn',
});

const slowStorage = async (socketPath: string): Promise<string[]> => {
  const info = await new Docker({ socketPath }).info();
  return info.Driver === 'vfs'
    ? ['No overlays can be mounted in the engine’s folder, so every layer is a full copy (vfs).']
    : [];
};
