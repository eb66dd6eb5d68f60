import { pino } from 'pino';
import { createProbot, type Probot, ProbotOctokit } from 'probot';
import type { GitHub } from './github.ts';

const log = pino({ level: 'silent' });

/** The real Probot against the imitation, by the environment that its users set. */
export const probotFor = async (github: GitHub): Promise<Probot> => {
  const probot = createProbot({
    env: {
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: github.webhookSecret,
      GHE_HOST: github.host,
      GHE_PROTOCOL: 'http',
    },
    overrides: { log },
  });
  await probot.ready();
  return probot;
};

/** Probot's Octokit with a token, without its waiting and its second tries. */
export const octokitFor = (github: GitHub, token: string) =>
  new ProbotOctokit({
    baseUrl: `${github.url}/api/v3`,
    auth: { token },
    throttle: { enabled: false },
    retry: { enabled: false },
    log,
  });

/** An installation token, narrowed by `body`; rejects as GitHub refuses. */
export const mintToken = async (
  probot: Probot,
  installation: { id: number },
  body: Record<string, unknown> = {},
) => {
  const app = await probot.auth();
  const { data } = await app.request('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: installation.id,
    ...body,
  });
  return data;
};
