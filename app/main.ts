import type { Server } from 'node:http';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Registry } from 'prom-client';
import { ConfigError, exitConfig, webConfig } from '../queue/config.ts';
import { keysUnder } from '../queue/keys.ts';
import { createLog } from '../queue/log.ts';
import { closeQueues, openQueues } from '../queue/queues.ts';
import { connectForCommands } from '../queue/redis.ts';
import { untilRedisIsFit } from '../queue/watch-redis.ts';
import { createGate } from './access.ts';
import { startChores } from './chores.ts';
import { createLogFeeds } from './log/log-feeds.ts';
import { createMetrics } from './metrics.ts';
import { onGitHub } from './on-github.ts';
import { onThisMachine } from './on-this-machine.ts';
import { signInBy } from './sign-in/sign-in.ts';
import { createWeb } from './web.ts';
import type { WebDeps } from './web-deps.ts';

/** The web process: webhooks, planning, checks, API and pages. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const config = webConfig(env);
  const log = createLog('web', config.LOG_LEVEL);
  const keys = keysUnder('slipway');
  const redis = connectForCommands(config.REDIS_URL, (e) => log.warn(`Redis: ${e.message}`));
  const queues = openQueues(redis, keys);
  for (const queue of Object.values(queues)) queue.on('error', () => {});
  const store = { redis, keys };
  const metrics = createMetrics(new Registry());
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const parts = { config, store, queues, metrics, publicUrl, log };
  const { forge, mount, recovery, lookAtGitHub } = config.github
    ? await onGitHub(config.github, parts)
    : onThisMachine(parts);
  const signIn = config.github && signInBy(config.github, store, publicUrl, log);
  const stopping = new AbortController();
  let isRedisFit = false;
  const deps: WebDeps = {
    ...{ store, queues, publicUrl, log },
    archive: { folder: config.LOG_STORE ?? join(config.DATA_DIR, 'logs') },
    feeds: createLogFeeds(store),
    gate: createGate(store, forge),
    planner: {
      ...{ store, queues, forge, publicUrl },
      registry: config.REGISTRY,
      namespaces: config.IMAGE_NAMESPACES,
    },
    ...{ metrics, recovery, signIn, recheckInterval, lookAtGitHub },
    notify: {
      ...{ urls: config.NOTIFY_URL, format: config.NOTIFY_FORMAT, allowed: config.NOTIFY_ALLOW },
      secret: config.NOTIFY_SECRET ?? null,
    },
    setUpPath: config.github ? null : '/setup',
    isRedisFit: () => isRedisFit,
    stopping: stopping.signal,
  };
  const web = createWeb(deps, mount);
  const address = { port: config.PORT, ...(config.HOST && { hostname: config.HOST }) };
  const server = serve({ fetch: web.fetch, ...address }, ({ port }) =>
    log.info(`Listening on port ${port}; pages and links use ${publicUrl}`),
  ) as Server;
  let endChores = async (): Promise<void> => {};
  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) return;
    log.info('Stopping: open requests are finished first');
    stopping.abort();
    setTimeout(() => {
      log.error('Redis does not answer; stopping without finishing what was under way');
      process.exit(1);
    }, closingTime).unref();
    const closed = new Promise((resolve) => server.close(resolve));
    setTimeout(() => server.closeAllConnections(), 5_000).unref();
    await closed;
    await endChores();
    await closeQueues(queues);
    redis.disconnect();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await untilRedisIsFit(redis, log);
  isRedisFit = true;
  if (!stopping.signal.aborted) endChores = startChores(deps, forge, config);
}

/** How often the readers of logs are looked at again, in milliseconds. */
const recheckInterval = 5 * 60_000;

/** What stopping may take, in milliseconds; more means that Redis is away. */
const closingTime = 15_000;

main(process.env).catch((error: Error) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(error instanceof ConfigError ? exitConfig : 1);
});
