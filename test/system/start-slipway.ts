import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bin/embedded/free-port.ts';
import { startRedis } from '../../bin/embedded/redis.ts';
import { type GitHub, startGitHub } from '../github/github.ts';
import { until } from './until.ts';

/** A process of the Procfile, as production runs it. */
export type Process = { child: ChildProcess; output: () => string };

/** A whole Slipway on a Redis of its own, against an imitated GitHub. */
export type Slipway = Awaited<ReturnType<typeof startSlipway>>;

/** What a test may have otherwise. */
export type SlipwayOptions = {
  env?: Record<string, string>;
  workers?: number;
  /** Whether people can sign in. */
  signIn?: boolean;
};

/** Starts Redis, GitHub's imitation, web and workers, and waits until webhooks can come. */
export async function startSlipway({ env = {}, workers = 1, signIn = false }: SlipwayOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-system-'));
  let redis = await startRedis({ folder: join(folder, 'redis') });
  const github: GitHub = await startGitHub({ webhookSecret: 'a secret of the tests' });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const shared = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    REDIS_URL: redis.url,
    REGISTRY: process.env.SLIPWAY_TEST_REGISTRY ?? '',
    DATA_DIR: join(folder, 'data'),
    DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '',
    ...env,
  };
  const startWeb = (more: Record<string, string> = {}) =>
    run('app', {
      ...shared,
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: github.webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
      PORT: String(port),
      PUBLIC_URL: url,
      ...(signIn && {
        GITHUB_CLIENT_ID: github.clientId,
        GITHUB_CLIENT_SECRET: github.clientSecret,
      }),
      ...more,
    });
  const startWorker = (more: Record<string, string> = {}) => run('worker', { ...shared, ...more });
  const first = Array.from({ length: workers }, () => startWorker());
  const processes = { web: startWeb(), workers: first };
  github.webhookUrl = `${url}/api/github/webhooks`;
  await until('web is ready', async () => (await fetch(`${url}/readyz`)).ok);

  return {
    url,
    github,
    redisUrl: redis.url,
    /** Its data, which a later start finds again. */
    redisFolder: join(folder, 'redis'),
    /** The running one: a restart makes another. */
    redis: () => redis,
    dataDir: shared.DATA_DIR,
    processes,
    startWeb,
    startWorker,
    /** Stops Redis, does something to its folder, and starts it again at its address. */
    async restartRedis(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
      await redis.stop();
      await meanwhile();
      const { port } = new URL(redis.url);
      redis = await startRedis({ folder: join(folder, 'redis'), port: Number(port) });
    },
    async build(sha: string): Promise<Record<string, unknown> | undefined> {
      const answer = await fetch(`${url}/api/builds?sha=${sha}`);
      return ((await answer.json()) as { builds: Record<string, unknown>[] }).builds[0];
    },
    async stop(): Promise<void> {
      for (const process of [processes.web, ...processes.workers]) await end(process, 'SIGKILL');
      await github.close();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a signal and answers the exit code, or null if the signal itself ended the process. */
export async function end({ child }: Process, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code as number | null;
}

/** Starts `dist/<room>/main.js`, which is what the Procfile does. */
export function run(room: 'app' | 'worker', env: Record<string, string>): Process {
  const main = new URL(`../../${room}/main.js`, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}
