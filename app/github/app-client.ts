import { type Logger, Probot } from 'probot';
import type { GitHubConfig } from '../../queue/config.ts';
import { Octokit } from './octokit.ts';
import { apiUrl } from './urls.ts';

/** The GitHub App, by its key; ready to be asked and to receive webhooks. */
export async function appClient(github: GitHubConfig, log: Logger): Promise<Probot> {
  const probot = new Probot({
    Octokit,
    appId: github.APP_ID,
    privateKey: github.PRIVATE_KEY,
    secret: github.WEBHOOK_SECRET,
    baseUrl: apiUrl(github),
    log,
  });
  await probot.ready();
  return probot;
}
