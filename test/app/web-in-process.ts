import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createGate } from '../../app/access.ts';
import { gitHubForge } from '../../app/github/github-forge.ts';
import { gitHubRecovery } from '../../app/github/recovery.ts';
import { createLogFeeds } from '../../app/log/log-feeds.ts';
import { createMetrics } from '../../app/metrics.ts';
import type { SignIn } from '../../app/sign-in/sign-in.ts';
import { createWeb } from '../../app/web.ts';
import { startRedis } from '../../bin/embedded/redis.ts';
import { webConfig } from '../../queue/config.ts';
import { keysUnder } from '../../queue/keys.ts';
import { closeQueues, openQueues } from '../../queue/queues.ts';
import { saveRepository } from '../../queue/repositories.ts';
import { probotFor } from '../github/client.ts';
import { startGitHub } from '../github/github.ts';
import { newBuild } from '../queue/new-build.ts';

/** How often streams are rechecked and how long answers are remembered, in milliseconds. */
export type Haste = { recheckInterval: number; remembered: number };

/** The web process's own parts, to be called or asked over HTTP. */
export type WebInProcess = Awaited<ReturnType<typeof startWebInProcess>>;

/** Wires the web as main.ts does, in this process, on a real Redis and GitHub's imitation. */
export async function startWebInProcess({ recheckInterval, remembered }: Haste) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-web-'));
  const [server, github] = await Promise.all([
    startRedis({ folder: join(folder, 'redis') }),
    startGitHub({ webhookSecret: 'secret' }),
  ]);
  const store = { redis: new Redis(server.url), keys: keysUnder('slipway') };
  const queues = openQueues(store.redis, store.keys);
  const { github: config } = webConfig({
    ...{ REDIS_URL: server.url, REGISTRY: 'localhost:5000', WEBHOOK_SECRET: 'secret' },
    ...{ APP_ID: String(github.appId), PRIVATE_KEY: github.privateKey },
    ...{ GHE_HOST: github.host, GHE_PROTOCOL: 'http' },
  });
  const probot = await probotFor(github);
  const forge = gitHubForge(probot, config!, { publicBuilds: true });
  const { clientId, clientSecret, url } = github;
  const app = { webUrl: url, apiUrl: `${url}/api/v3`, clientId, clientSecret };
  const publicUrl = 'http://127.0.0.1';
  const log = pino({ level: 'silent' });
  const signIn: SignIn = { store, app, publicUrl, log };
  const routes = createWeb(
    {
      ...{ store, queues, log, publicUrl, signIn, recheckInterval },
      recovery: gitHubRecovery(probot, store, 1_000),
      lookAtGitHub: async () => [],
      notify: { urls: [], format: 'slipway', secret: null, allowed: { hosts: [], ranges: [] } },
      ...{ archive: { folder }, feeds: createLogFeeds(store), setUpPath: null },
      ...{ gate: createGate(store, forge, remembered), metrics: createMetrics(new Registry()) },
      planner: { store, queues, forge, publicUrl, registry: 'localhost:5000', namespaces: [] },
      ...{ isRedisFit: () => true, stopping: new AbortController().signal },
    },
    () => {},
  );
  const web = serve({ fetch: routes.fetch, port: 0, hostname: '127.0.0.1' });
  await once(web, 'listening');
  return {
    ...{ store, forge, github, signIn },
    url: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    /** A repository on GitHub that Slipway knows. */
    async known(owner: string, name: string, isPrivate = true) {
      const { id } = await github.createRepository(owner, name, { private: isPrivate });
      const { repository } = newBuild();
      const stored = { ...repository, id, fullName: `${owner}/${name}`, private: isPrivate };
      await saveRepository(store, stored);
      return stored;
    },
    /** How often GitHub was asked for a path. */
    asked: (path: string) => github.requests.filter((one) => one.path === path).length,
    async stop(): Promise<void> {
      web.close();
      await closeQueues(queues);
      store.redis.disconnect();
      await Promise.all([server.stop(), github.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
