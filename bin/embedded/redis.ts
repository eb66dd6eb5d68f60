import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { portFor } from './free-port.ts';
import { type RunningProcess, startProcess, untilReady } from './process.ts';
import { stopStale } from './stale.ts';

/** Where a redis-server keeps its data, and what it is told beyond our own settings. */
export type RedisOptions = {
  /** Its own folder; holds the data, which a later start with the same folder finds again. */
  folder: string;
  port?: number;
  /** More of redis-server's own options, e.g. `['--appendfsync', 'always']`. */
  args?: readonly string[];
};

/** A redis-server on loopback. */
export type EmbeddedRedis = {
  url: string;
  port: number;
  pid: number;
  process: RunningProcess;
  /** Sends one signal without waiting, for tests of outages. */
  kill(signal: NodeJS.Signals): void;
  stop(shorter?: number): Promise<void>;
};

/**
 * Starts redis-server as the database it is here: every write in the append-only file, and a full
 * memory refuses writes instead of forgetting builds. Returns once it has loaded its data.
 */
export const startRedis = async (options: RedisOptions): Promise<EmbeddedRedis> => {
  await mkdir(options.folder, { recursive: true });
  await clearRedis(options.folder);
  const port = await portFor('redis-server', options.port);
  const child = await startProcess({
    name: 'redis-server',
    command: 'redis-server',
    args: [...settings(options.folder, port), ...(options.args ?? [])],
    pidFile: pidFile(options.folder),
    // It writes out what it has before it ends; a kill in the middle would lose the last second.
    grace: 30_000,
  });
  await untilReady(child, () => answersPing(port));
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    process: child,
    kill: child.kill,
    stop: child.stop,
  };
};

/** Stops a redis-server that an earlier run left behind in this folder. */
export const clearRedis = (folder: string): Promise<boolean> =>
  stopStale(pidFile(folder), folder, 30_000);

const pidFile = (folder: string): string => join(folder, 'redis.pid');

const settings = (folder: string, port: number): string[] => [
  ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
  ...['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'],
  // Keeps the folder on its command line, by which a later start knows the process as ours.
  ...['--set-proc-title', 'no'],
];

// By hand rather than with a client: while it loads it answers -LOADING, and a client would hide
// the difference behind its own retries. -NOAUTH comes when `args` set a password.
const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    const end = (answer: string) => {
      socket.destroy();
      resolve(/^(\+PONG|-NOAUTH)/.test(answer));
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(data.toString()));
    socket.once('error', () => end(''));
    socket.once('timeout', () => end(''));
    socket.once('close', () => end(''));
  });
