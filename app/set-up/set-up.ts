import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Logger } from 'pino';
import type { Store } from '../../queue/build-store.ts';
import type { GitHubHost } from '../../queue/config.ts';
import { apiUrl, webUrl } from '../github/urls.ts';
import { notThroughProxy, ownHostOnly } from '../local/own-host.ts';
import { registeredPage, setUpPage } from '../pages/set-up-page.ts';
import { ApiError } from '../routes/api-error.ts';
import { pageHeaders } from '../routes/page-headers.ts';
import type { Mount } from '../web.ts';
import { appFile, hasApp, keepApp } from './app-file.ts';
import { convertCode, type RegisteredApp } from './convert-code.ts';
import { appManifest } from './manifest.ts';
import { beginRegistration, endRegistration, unguessable } from './pending.ts';

/** What registering an App needs to know. */
export type SetUpDeps = {
  store: Store;
  github: GitHubHost;
  publicUrl: string;
  dataDir: string;
  log: Logger;
};

/**
 * `/setup` registers a GitHub App from a manifest, and `/setup/registered` takes what GitHub sends
 * back. Who registers first owns the service, so both answer on loopback only, and only until there
 * is an App.
 */
export function setUp(deps: SetUpDeps): Mount {
  const file = appFile(deps.dataDir);
  return (app) => {
    app.use('/setup/*', ownHostOnly, notThroughProxy, pageHeaders([webUrl(deps.github)]));
    app.get('/setup', async (c) =>
      hasApp(file) ? c.html(registeredPage(file, null)) : c.html(await offer(c, deps)),
    );
    app.get('/setup/registered', async (c) => c.html(await register(c, deps, file)));
  };
}

const browserCookie = 'slipway-setup';

async function offer(c: Context, { store, github, publicUrl }: SetUpDeps) {
  const organization = readOrganization(c.req.query('organization'));
  const browser = getCookie(c, browserCookie) || unguessable();
  setCookie(c, browserCookie, browser, { path: '/setup', httpOnly: true, sameSite: 'Lax' });
  const state = await beginRegistration(store, browser);
  const owner = organization ? `/organizations/${organization}` : '';
  // Back to where the browser is, which has the cookie: PUBLIC_URL may be for the world.
  const manifest = await appManifest(publicUrl, `http://${c.req.header('host')}/setup/registered`);
  const action = `${webUrl(github)}${owner}/settings/apps/new?state=${state}`;
  c.header('cache-control', 'no-store');
  return setUpPage({ action, manifest, organization, publicUrl });
}

async function register(c: Context, { store, github, log }: SetUpDeps, file: string) {
  if (hasApp(file)) throw registeredAlready();
  const { code = '', state = '' } = c.req.query();
  const browser = getCookie(c, browserCookie);
  if (!browser || !(await endRegistration(store, state, browser))) {
    throw new ApiError(
      403,
      'bad_state',
      'This registration was not begun in this browser within the last hour, or is over. Begin at /setup.',
    );
  }
  const app = await convertCode(apiUrl(github), code);
  if (!(await keepApp(file, variables(app, github)))) throw registeredAlready();
  log.info(`The GitHub App ${app.id} is registered; start again to use it`);
  return registeredPage(file, `${app.html_url}/installations/new`);
}

/** GitHub's rule for names of accounts; empty means the person's own. */
function readOrganization(given = ''): string {
  const name = given.trim();
  if (name === '' || /^[a-z\d](-?[a-z\d]){0,38}$/i.test(name)) return name;
  throw new ApiError(
    400,
    'bad_request',
    `“${name.slice(0, 100)}” is no organization: its name has letters, digits and single hyphens, 39 at most.`,
  );
}

const registeredAlready = (): ApiError =>
  new ApiError(409, 'conflict', 'There is a GitHub App already; start again to use it.');

const variables = (app: RegisteredApp, github: GitHubHost): Record<string, string> => ({
  APP_ID: String(app.id),
  PRIVATE_KEY: app.pem,
  WEBHOOK_SECRET: app.webhook_secret,
  GITHUB_CLIENT_ID: app.client_id,
  GITHUB_CLIENT_SECRET: app.client_secret,
  ...(github.GHE_HOST && { GHE_HOST: github.GHE_HOST, GHE_PROTOCOL: github.GHE_PROTOCOL }),
});
