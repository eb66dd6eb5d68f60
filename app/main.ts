import type { Server } from 'node:http';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { pino } from 'pino';
import { Probot } from 'probot';
import { Registry } from 'prom-client';
import { ConfigError, exitConfig, webConfig } from '../queue/config.ts';
import { keysUnder } from '../queue/keys.ts';
import { closeQueues, openQueues } from '../queue/queues.ts';
import { connectForCommands } from '../queue/redis.ts';
import { createGate } from './access.ts';
import { startChores } from './chores.ts';
import { gitHubForge } from './github/github-forge.ts';
import { apiUrl } from './github/urls.ts';
import { createMetrics } from './metrics.ts';
import { createWeb, type WebDeps } from './web.ts';
import { recordEvents } from './webhook/handlers.ts';
import { receiveWebhook } from './webhook/receive.ts';

/** The web process: webhooks, planning, checks, API and pages. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const config = webConfig(env);
  const { github } = config;
  const log = pino({ level: config.LOG_LEVEL, base: { process: 'web' } });
  const keys = keysUnder('slipway');
  const redis = connectForCommands(config.REDIS_URL, (e) => log.warn(`Redis: ${e.message}`));
  const queues = openQueues(redis, keys);
  for (const queue of Object.values(queues)) queue.on('error', () => {});
  const store = { redis, keys };
  const probot = new Probot({
    appId: github.APP_ID,
    privateKey: github.PRIVATE_KEY,
    secret: github.WEBHOOK_SECRET,
    baseUrl: apiUrl(github),
    log: log.child({}, { level: 'warn' }),
  });
  await probot.ready();
  await probot.load(recordEvents(store, queues));
  const forge = gitHubForge(probot, github);
  const stopping = new AbortController();
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const deps: WebDeps = {
    ...{ store, queues, publicUrl, log },
    archive: { folder: config.LOG_STORE ?? join(config.DATA_DIR, 'logs') },
    gate: createGate(store, forge),
    metrics: createMetrics(new Registry()),
    stopping: stopping.signal,
  };
  const web = createWeb(deps, (app) => {
    app.post('/api/github/webhooks', receiveWebhook(probot, deps.metrics.countWebhook));
  });
  const address = { port: config.PORT, ...(config.HOST && { hostname: config.HOST }) };
  const server = serve({ fetch: web.fetch, ...address }, ({ port }) =>
    log.info(`Listening on port ${port}; pages and links use ${publicUrl}`),
  ) as Server;
  const endChores = startChores(deps, forge, config);
  const stop = async (): Promise<void> => {
    log.info('Stopping: open requests are finished first');
    stopping.abort();
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
}

main(process.env).catch((error: Error) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(error instanceof ConfigError ? exitConfig : 1);
});
