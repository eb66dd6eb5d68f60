import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { portFor } from './free-port.ts';
import { type RunningProcess, startProcess, untilReady } from './process.ts';
import { stopStale } from './stale.ts';

/** Where a registry keeps its images, and who may use it. */
export type RegistryOptions = {
  folder: string;
  port?: number;
  /** Lines of an htpasswd file with bcrypt hashes (`htpasswd -nbB`); without it everybody may. */
  htpasswd?: string;
};

/** A registry on loopback, which engines talk to over plain HTTP. */
export type EmbeddedRegistry = {
  /** How image names begin: `127.0.0.1:5000`. */
  host: string;
  url: string;
  port: number;
  pid: number;
  process: RunningProcess;
  kill(signal: NodeJS.Signals): void;
  stop(shorter?: number): Promise<void>;
};

/** Starts Debian's `docker-registry` with a folder of its own; returns once it answers. */
export const startRegistry = async (options: RegistryOptions): Promise<EmbeddedRegistry> => {
  const { folder, htpasswd } = options;
  await mkdir(folder, { recursive: true });
  await clearRegistry(folder);
  const port = await portFor('docker-registry', options.port);
  const passwords = htpasswd ? join(folder, 'htpasswd') : null;
  if (passwords) await writeFile(passwords, `${htpasswd}\n`, { mode: 0o600 });
  const file = join(folder, 'config.yml');
  // JSON is YAML, and needs no quoting rules of our own.
  await writeFile(file, JSON.stringify(configuration(folder, port, passwords), null, 2));
  const child = await startProcess({
    name: 'docker-registry',
    command: 'docker-registry',
    args: ['serve', file],
    pidFile: pidFile(folder),
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, () => answers(`${url}/v2/`));
  return {
    host: `127.0.0.1:${port}`,
    url,
    port,
    pid: child.pid,
    process: child,
    kill: child.kill,
    stop: child.stop,
  };
};

/** Stops a registry that an earlier run left behind in this folder. */
export const clearRegistry = (folder: string): Promise<boolean> =>
  stopStale(pidFile(folder), join(folder, 'config.yml'));

const pidFile = (folder: string): string => join(folder, 'registry.pid');

const configuration = (folder: string, port: number, passwords: string | null): object => ({
  version: 0.1,
  log: { level: 'warn', accesslog: { disabled: true } },
  storage: {
    filesystem: { rootdirectory: join(folder, 'images') },
    delete: { enabled: true },
  },
  http: { addr: `127.0.0.1:${port}` },
  ...(passwords && { auth: { htpasswd: { realm: 'slipway', path: passwords } } }),
});

// 401 is an answer too: a registry with passwords is ready when it asks for one.
const answers = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null);
  await response?.body?.cancel();
  return response?.status === 200 || response?.status === 401;
};
