import type { GitHubConfig } from '../queue/config.ts';
import { lookAtGitHub } from './doctor/github.ts';
import type { ForgeParts, PartsDeps } from './forge-parts.ts';
import { appClient } from './github/app-client.ts';
import { gitHubForge } from './github/github-forge.ts';
import { gitHubRecovery } from './github/recovery.ts';
import { recordEvents } from './webhook/handlers.ts';
import { receiveWebhook } from './webhook/receive.ts';

/** GitHub as the forge, through the App that Probot stands for. */
export async function onGitHub(
  github: GitHubConfig,
  { config, store, queues, metrics, publicUrl, log }: PartsDeps,
): Promise<ForgeParts> {
  const probot = await appClient(github, log.child({}, { level: 'warn' }));
  await probot.load(recordEvents(store, queues));
  return {
    forge: gitHubForge(probot, github, { publicBuilds: config.PUBLIC_BUILDS }),
    mount: (app) => {
      app.post('/api/github/webhooks', receiveWebhook(probot, metrics.countWebhook));
    },
    recovery: gitHubRecovery(probot, store, config.CATCH_UP_BUDGET),
    lookAtGitHub: () => lookAtGitHub(probot, github, publicUrl),
  };
}
