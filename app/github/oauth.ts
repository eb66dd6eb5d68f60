import * as oauth from 'oauth4webapi';
import { patience } from './ask-as.ts';

/** The GitHub App as people sign in by it; without a slash at the end of its addresses. */
export type OAuthApp = { webUrl: string; apiUrl: string; clientId: string; clientSecret: string };

/**
 * What acts for a person: `expiry.at` is in milliseconds since the epoch, `expiry.refresh` good for
 * one use; null in an App whose user tokens do not expire.
 */
export type Tokens = { token: string; expiry: { at: number; refresh: string } | null };

/** What ties the end of a sign-in to its beginning. */
export type Begun = { state: string; verifier: string };

/** GitHub refuses in a word of its own, e.g. `access_denied`; `bad_answer` is ours. */
export class OAuthRefused extends Error {
  override name = 'OAuthRefused';
  readonly code: string;

  constructor(code: string) {
    super(`GitHub gives no token: ${code}.`);
    this.code = code;
  }
}

/** A state and a verifier that nobody guesses. */
export const beginning = (): Begun => ({
  state: oauth.generateRandomState(),
  verifier: oauth.generateRandomCodeVerifier(),
});

/**
 * Where a browser goes to sign in, with PKCE
 * (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app).
 */
export async function authorizeUrl(app: OAuthApp, redirectUri: string, { state, verifier }: Begun) {
  const url = new URL(`${app.webUrl}/login/oauth/authorize`);
  url.search = new URLSearchParams({
    ...{ client_id: app.clientId, redirect_uri: redirectUri, state, response_type: 'code' },
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

/**
 * Exchanges what GitHub sent the browser back with for tokens. Throws an OAuthRefused, or another
 * error if GitHub does not answer.
 */
export function exchangeCode(
  app: OAuthApp,
  redirectUri: string,
  query: URLSearchParams,
  { state, verifier }: Begun,
): Promise<Tokens> {
  const { server, client, secret, options } = partiesOf(app);
  return tokensFrom(async () => {
    const sent = oauth.validateAuthResponse(server, client, query, state);
    const answer = await oauth.authorizationCodeGrantRequest(
      ...([server, client, secret, sent, redirectUri, verifier, options] as const),
    );
    return oauth.processAuthorizationCodeResponse(server, client, answer);
  });
}

/** New tokens for a refresh token, which is used up by that. Throws as `exchangeCode` does. */
export function refreshTokens(app: OAuthApp, refresh: string): Promise<Tokens> {
  const { server, client, secret, options } = partiesOf(app);
  return tokensFrom(async () => {
    const answer = await oauth.refreshTokenGrantRequest(server, client, secret, refresh, options);
    return oauth.processRefreshTokenResponse(server, client, answer);
  });
}

function partiesOf({ webUrl, clientId, clientSecret }: OAuthApp) {
  const server: oauth.AuthorizationServer = {
    issuer: `${webUrl}/login/oauth`,
    token_endpoint: `${webUrl}/login/oauth/access_token`,
  };
  const options: oauth.TokenEndpointRequestOptions = {
    signal: () => AbortSignal.timeout(patience),
    // An Enterprise Server may be without TLS, if GHE_PROTOCOL says so.
    [oauth.allowInsecureRequests]: webUrl.startsWith('http:'),
    [oauth.customFetch]: fetchAsStandard,
  };
  const secret = oauth.ClientSecretPost(clientSecret);
  return { server, client: { client_id: clientId }, secret, options };
}

/** GitHub answers 200 even where it refuses, the standard 400 (RFC 6749, section 5.2). */
async function fetchAsStandard(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  if (answer.status >= 500) throw new Error(`GitHub answered ${answer.status} instead of a token.`);
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  const isRefusal = answer.ok && typeof body === 'object' && body !== null && 'error' in body;
  return isRefusal ? Response.json(body, { status: 400 }) : answer;
}

/** The library's errors hold what GitHub answered, a token perhaps, and are not passed on. */
async function tokensFrom(ask: () => Promise<oauth.TokenEndpointResponse>): Promise<Tokens> {
  try {
    const { access_token: token, expires_in: seconds, refresh_token: refresh } = await ask();
    const expiry = seconds && refresh ? { at: Date.now() + seconds * 1_000, refresh } : null;
    return { token, expiry };
  } catch (error) {
    const isRefusal =
      error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError;
    if (isRefusal) throw new OAuthRefused(error.error);
    if (error instanceof oauth.OperationProcessingError) throw new OAuthRefused('bad_answer');
    throw error;
  }
}
