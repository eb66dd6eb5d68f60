import { join } from 'node:path';
import { startEngine } from '../embedded/engine.ts';
import { engineHost, findEngine } from '../embedded/find-engine.ts';
import { startRedis } from '../embedded/redis.ts';
import { startRegistry } from '../embedded/registry.ts';
import { chooseRegistryPort } from './registry-port.ts';
import type { Started } from './started.ts';

/** What the two rooms are told, and what people are told about it. */
export type Services = {
  env: { REDIS_URL: string; REGISTRY: string; DOCKER_HOST: string };
  /** One line each for Redis, the registry and the engine. */
  lines: string[];
  /** What people should know beyond that. */
  notes: string[];
};

type One = { value: string; line: string; notes: string[] };

/**
 * Starts whichever of Redis, registry and engine the environment does not name, and puts each into
 * `started` as soon as it runs.
 */
export const startServices = async (
  env: NodeJS.ProcessEnv,
  folder: string,
  started: Started[],
  signal: AbortSignal,
): Promise<Services> => {
  const redis = await redisFor(env, folder, started);
  signal.throwIfAborted();
  const registry = await registryFor(env, folder, started);
  signal.throwIfAborted();
  const engine = await engineFor(env, folder, started);
  signal.throwIfAborted();
  const all = [redis, registry, engine];
  return {
    env: { REDIS_URL: redis.value, REGISTRY: registry.value, DOCKER_HOST: engine.value },
    lines: all.map(({ line }) => line),
    notes: all.flatMap(({ notes }) => notes),
  };
};

const redisFor = async (env: NodeJS.ProcessEnv, folder: string, started: Started[]) => {
  if (env.REDIS_URL) return reused(env.REDIS_URL, 'Redis          the one in REDIS_URL');
  const data = join(folder, 'redis');
  const redis = await startRedis({ folder: data });
  started.push(redis);
  return fresh(redis.url, `Redis          started at ${redis.url}, data in ${data}`);
};

const registryFor = async (env: NodeJS.ProcessEnv, folder: string, started: Started[]) => {
  if (env.REGISTRY) return reused(env.REGISTRY, `Registry       ${env.REGISTRY}, from REGISTRY`);
  const data = join(folder, 'registry');
  const { port, notes } = await chooseRegistryPort(data);
  const registry = await startRegistry({ folder: data, port });
  started.push(registry);
  const name = `localhost:${port}`;
  return fresh(name, `Registry       started at ${name}, data in ${data}`, notes);
};

const engineFor = async (env: NodeJS.ProcessEnv, folder: string, started: Started[]) => {
  const found = await findEngine(env);
  if (found) return reused(found, `Docker Engine  the running one at ${found}`);
  if (env.DOCKER_HOST) {
    throw new Error(
      `No Docker Engine answers at ${engineHost(env)}, which DOCKER_HOST names. Start it, or ` +
        'unset DOCKER_HOST to have one started here.',
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Error(
      `No Docker Engine answers at ${engineHost(env)}, and only root can start one: either start ` +
        'Docker (sudo systemctl start docker, as a member of the group docker), or name an ' +
        'engine in DOCKER_HOST, or run this as root (sudo npm start).',
    );
  }
  const data = join(folder, 'engine');
  const engine = await startEngine({ folder: data });
  started.push(engine);
  const line = `Docker Engine  started at ${engine.host}, data in ${data}`;
  return fresh(engine.host, line, engine.notes);
};

const reused = (value: string, line: string): One => ({ value, line, notes: [] });

const fresh = (value: string, line: string, notes: string[] = []): One => ({ value, line, notes });
