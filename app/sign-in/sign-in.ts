import type { Logger } from 'pino';
import type { Store } from '../../queue/build-store.ts';
import type { GitHubConfig } from '../../queue/config.ts';
import type { OAuthApp } from '../github/oauth.ts';
import { apiUrl, webUrl } from '../github/urls.ts';
import { keepsSecureCookies } from '../routes/session-cookie.ts';

/** What signing in and staying signed in needs. */
export type SignIn = { store: Store; app: OAuthApp; publicUrl: string; log: Logger };

/** How people sign in at this address, or null where the App's client secret is not known. */
export function signInBy(
  github: GitHubConfig,
  store: Store,
  publicUrl: string,
  log: Logger,
): SignIn | null {
  const { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret } = github;
  if (!clientId || !clientSecret) {
    log.info('Nobody can sign in: GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are not set');
    return null;
  }
  if (!keepsSecureCookies(publicUrl)) {
    log.warn(`PUBLIC_URL=${publicUrl} is without TLS: whoever listens can act for who signs in`);
  }
  const app = { webUrl: webUrl(github), apiUrl: apiUrl(github), clientId, clientSecret };
  return { store, app, publicUrl, log };
}
