import { createPrivateKey } from 'node:crypto';
import type { Probot, ProbotOctokit } from 'probot';
import type { GitHubConfig } from '../../queue/config.ts';
import { type Finding, good, wrong } from '../../queue/finding.ts';
import { once } from '../github/octokit.ts';
import { apiUrl } from '../github/urls.ts';
import { appManifest } from '../set-up/manifest.ts';
import { lookAtClock } from './clock.ts';
import { lookAtWebhook } from './webhook.ts';

type Registered = { permissions: Record<string, string>; events: string[]; html_url: string };

/** Whether the App's key is good, what it may do, and whether its webhooks arrive. */
export async function lookAtGitHub(
  probot: Probot,
  github: GitHubConfig,
  publicUrl: string,
): Promise<Finding[]> {
  const unusable = lookAtKey(github);
  if (unusable) return [unusable];
  const octokit = await probot.auth();
  const answer = await askWhoWeAre(octokit, github);
  if ('refused' in answer) return answer.refused;
  const { app, date } = answer;
  return [
    good('GitHub App', `${apiUrl(github)} knows ${app.html_url} by APP_ID and PRIVATE_KEY.`),
    ...lookAtClock(date, Date.now()),
    await lookAtPermissions(app, publicUrl),
    ...(await lookAtWebhook({ octokit, publicUrl })),
  ];
}

function lookAtKey({ PRIVATE_KEY }: GitHubConfig): Finding | null {
  try {
    createPrivateKey(PRIVATE_KEY);
    return null;
  } catch {
    // OpenSSL's own words say nothing that helps.
    const todo = 'Give the whole file that GitHub lets you download, with its first and last line.';
    return wrong('GitHub App', 'PRIVATE_KEY is no private key that can be read.', todo);
  }
}

async function askWhoWeAre(
  octokit: ProbotOctokit,
  github: GitHubConfig,
): Promise<{ app: Registered; date: string | undefined } | { refused: Finding[] }> {
  try {
    const { data, headers } = await octokit.request('GET /app', once);
    return { app: data as Registered, date: headers.date };
  } catch (error) {
    const { status = 0, message, response } = error as Refusal;
    const clock = lookAtClock(response?.headers.date, Date.now());
    return { refused: [notTaken(github, response ? status : 0, message), ...clock] };
  }
}

/** Octokit's error; without an answer there is no `response`, whatever `status` says. */
type Refusal = Error & { status?: number; response?: { headers: { date?: string } } };

function notTaken(github: GitHubConfig, status: number, message: string): Finding {
  const { APP_ID } = github;
  const api = apiUrl(github);
  if (status === 401 || status === 404) {
    return wrong(
      'GitHub App',
      `${api} does not take PRIVATE_KEY as a key of the App ${APP_ID}: ${message}.`,
      'Compare APP_ID with the App’s settings page; generate a private key there and give that.',
    );
  }
  if (status === 0) {
    const todo = 'Look at this machine’s way to the internet, and at GHE_HOST.';
    return wrong('GitHub App', `${api} does not answer: ${message}.`, todo);
  }
  return wrong('GitHub App', `${api} answers ${status}: ${message}.`, 'Try again later.');
}

const levels = ['none', 'read', 'write', 'admin'];

async function lookAtPermissions(app: Registered, publicUrl: string): Promise<Finding> {
  const wanted = await appManifest(publicUrl, '');
  const missing = [
    ...Object.entries(wanted.default_permissions)
      .filter(([name, level]) => rank(app.permissions[name]) < rank(level))
      .map(([name, level]) => `the permission ${name}: ${level}`),
    ...wanted.default_events
      .filter((event) => !app.events.includes(event))
      .map((event) => `the event ${event}`),
  ];
  if (missing.length === 0) {
    return good('Permissions', 'The App has every permission and event that app.yml names.');
  }
  const todo =
    'Add it in the App’s settings under Permissions & events; each installation has to accept it.';
  return wrong('Permissions', `The App lacks ${missing.join(', ')}.`, todo);
}

const rank = (level = 'none'): number => levels.indexOf(level);
