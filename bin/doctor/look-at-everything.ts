import { join } from 'node:path';
import { pino } from 'pino';
import { lookAtGitHub } from '../../app/doctor/github.ts';
import { lookAtRedis } from '../../app/doctor/redis.ts';
import { appClient } from '../../app/github/app-client.ts';
import { type WebConfig, type WorkerConfig, webConfig, workerConfig } from '../../queue/config.ts';
import { type Finding, good, notLooked, wrong } from '../../queue/finding.ts';
import { connectForCommands } from '../../queue/redis.ts';
import { lookAtEngine } from '../../worker/doctor/engine.ts';
import { lookAtRegistry } from '../../worker/doctor/registry.ts';

/** The processes whose needs can be looked at. */
export const roomNames = ['web', 'worker'] as const;

/** One of them. */
export type RoomName = (typeof roomNames)[number];

/**
 * Looks at everything that these processes need, in the order in which it has to work. `repository`
 * is the `owner/name` whose push is tried; null for a made-up one.
 */
export async function lookAtEverything(
  env: NodeJS.ProcessEnv,
  rooms: readonly RoomName[],
  repository: string | null,
): Promise<Finding[]> {
  const web = rooms.includes('web') ? readEnvironment('web', () => webConfig(env)) : null;
  const worker = rooms.includes('worker')
    ? readEnvironment('worker', () => workerConfig(env))
    : null;
  const url = (web?.config ?? worker?.config)?.REDIS_URL;
  const all = await Promise.all([
    url ? lookAtRedisAt(url) : [notLooked('Redis', 'Not looked at: the environment is wrong.')],
    worker?.config ? lookAtWorkerNeeds(worker.config, env, repository) : [],
    web?.config ? lookAtWebNeeds(web.config) : [],
  ]);
  const environment = [web, worker].flatMap((read) => (read ? [read.finding] : []));
  return [...environment, ...all.flat()];
}

/** The same validation as at the start of the process. */
function readEnvironment<Config>(
  room: RoomName,
  read: () => Config,
): { config: Config | null; finding: Finding } {
  const name = `Environment of ${room}`;
  try {
    return { config: read(), finding: good(name, 'Every variable is right.') };
  } catch (error) {
    const [, ...mistakes] = (error as Error).message.split('\n').map((line) => line.trim());
    const todo =
      'Set it as the process has it (README.md, Configuration), or let npm start run: its is found.';
    return { config: null, finding: wrong(name, `${mistakes.join('; ')}.`, todo) };
  }
}

async function lookAtRedisAt(url: string): Promise<Finding[]> {
  let last: string | null = null;
  const redis = connectForCommands(url, (error) => {
    last = error.message;
  });
  try {
    await untilReady(redis);
    return await lookAtRedis(redis, () => last);
  } finally {
    redis.disconnect();
  }
}

/** Waits for the connection, or for 5 s: what a server says that refuses comes several times. */
const untilReady = (redis: ReturnType<typeof connectForCommands>): Promise<void> =>
  new Promise((resolve) => {
    const late = setTimeout(resolve, 5_000);
    redis.once('ready', () => {
      clearTimeout(late);
      resolve();
    });
  });

async function lookAtWorkerNeeds(
  config: WorkerConfig,
  env: NodeJS.ProcessEnv,
  repository: string | null,
): Promise<Finding[]> {
  const dockerConfig = config.DOCKER_CONFIG ?? join(config.HOME ?? '/', '.docker');
  const place = { registry: config.REGISTRY, dockerConfig, env, repository };
  const all = await Promise.all([lookAtEngine(config), lookAtRegistry(place)]);
  return all.flat();
}

async function lookAtWebNeeds(config: WebConfig): Promise<Finding[]> {
  const { github, PUBLIC_URL, PORT } = config;
  if (!github) {
    const says = `None yet: pushes come by the local remote. Open http://localhost:${PORT}/setup to register one.`;
    return [notLooked('GitHub App', says)];
  }
  const probot = await appClient(github, pino({ level: 'silent' }));
  return lookAtGitHub(probot, github, PUBLIC_URL ?? `http://localhost:${PORT}`);
}
