import type { Server } from 'node:http';
import { join, resolve } from 'node:path';
import { serve } from '@hono/node-server';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Store } from '../queue/build-store.ts';
import {
  ConfigError,
  exitConfig,
  type GitHubConfig,
  type WebConfig,
  webConfig,
} from '../queue/config.ts';
import { notLooked } from '../queue/finding.ts';
import { keysUnder } from '../queue/keys.ts';
import { createLog } from '../queue/log.ts';
import { closeQueues, openQueues, type Queues } from '../queue/queues.ts';
import { connectForCommands } from '../queue/redis.ts';
import { untilRedisIsFit } from '../queue/watch-redis.ts';
import { createGate } from './access.ts';
import { startChores } from './chores.ts';
import { lookAtGitHub } from './doctor/github.ts';
import type { Forge } from './forge.ts';
import { appClient } from './github/app-client.ts';
import { gitHubForge } from './github/github-forge.ts';
import { gitHubRecovery } from './github/recovery.ts';
import { localForge } from './local/local-forge.ts';
import { localInstalled } from './local/local-installed.ts';
import { localRemote } from './local/local-remote.ts';
import { createLogFeeds } from './log/log-feeds.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { setUp } from './set-up/set-up.ts';
import { signInBy } from './sign-in/sign-in.ts';
import { createWeb, type Mount } from './web.ts';
import type { WebDeps } from './web-deps.ts';
import { recordEvents } from './webhook/handlers.ts';
import { receiveWebhook } from './webhook/receive.ts';

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
  const { forge, mount, recovery, lookAtGitHub } = config.github
    ? await onGitHub(config, config.github, store, queues, metrics, publicUrl, log)
    : onThisMachine(config, store, queues, publicUrl, log);
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

/** What is another thing with GitHub than without. */
type ForgeParts = { forge: Forge; mount: Mount } & Pick<WebDeps, 'recovery' | 'lookAtGitHub'>;

/** GitHub as the forge, through the App that Probot stands for. */
async function onGitHub(
  { CATCH_UP_BUDGET, PUBLIC_BUILDS }: WebConfig,
  github: GitHubConfig,
  store: Store,
  queues: Queues,
  metrics: Metrics,
  publicUrl: string,
  log: Logger,
): Promise<ForgeParts> {
  const probot = await appClient(github, log.child({}, { level: 'warn' }));
  await probot.load(recordEvents(store, queues));
  const mount: Mount = (app) => {
    app.post('/api/github/webhooks', receiveWebhook(probot, metrics.countWebhook));
  };
  const recovery = gitHubRecovery(probot, store, CATCH_UP_BUDGET);
  const forge = gitHubForge(probot, github, { publicBuilds: PUBLIC_BUILDS });
  const lookAt = () => lookAtGitHub(probot, github, publicUrl);
  return { forge, mount, recovery, lookAtGitHub: lookAt };
}

/** A git remote of our own as the forge, and a page that registers a GitHub App to have instead. */
function onThisMachine(
  config: WebConfig,
  store: Store,
  queues: Queues,
  publicUrl: string,
  log: Logger,
): ForgeParts {
  const remote = {
    folder: resolve(config.DATA_DIR, 'git'),
    // As people are told it, since submodules name it too.
    url: `http://localhost:${config.PORT}/git`,
  };
  const mount: Mount = (app) => {
    localRemote(remote, store, queues, log)(app);
    setUp({ store, github: config, publicUrl, dataDir: config.DATA_DIR, log })(app);
  };
  const lookAt = async () => [
    notLooked('GitHub App', 'None yet: pushes come by the local remote.'),
  ];
  const recovery = { installed: localInstalled(remote), catchUp: null };
  return { forge: localForge(remote), mount, recovery, lookAtGitHub: lookAt };
}

main(process.env).catch((error: Error) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(error instanceof ConfigError ? exitConfig : 1);
});
