import { answerError } from './answer-error.ts';
import type { Challenge } from './challenge.ts';
import { secretsOf } from './credentials.ts';
import { exchange, type HttpRequest } from './exchange.ts';
import { basicHeader, type RegistryAuth } from './registry-auth.ts';
import type { Authorization } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { mayLeadTo } from './registry-host.ts';

/** What a token is for. */
export type TokenWish = {
  /** The registry, as registryHost names it. */
  host: string;
  /** Asked for when the registry's challenge names no scope: `repository:acme/web:pull`. */
  scope: string;
  timeoutMs: number;
  signal: AbortSignal;
};

const largestAnswer = 64 * 1024;

/**
 * Gets a token from the service a registry named: by GET, with the password if there is one, or by
 * POST for an `identitytoken`. Throws a RegistryError when the service refuses or would be asked
 * over a line that others can read. See https://distribution.github.io/distribution/spec/auth/token/
 * and https://distribution.github.io/distribution/spec/auth/oauth/.
 */
export async function askTokenService(
  challenge: Challenge & { scheme: 'bearer' },
  auth: RegistryAuth,
  wish: TokenWish,
): Promise<Authorization> {
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : null;
  if (!realm || !mayLeadTo(wish.host, realm))
    throw new RegistryError(`${wish.host} names a token service that is not reached by https`, {
      isFinal: true,
    });
  const { service = '', scope = wish.scope } = challenge;
  const question = auth.identitytoken
    ? refreshing(realm, { service, scope, token: auth.identitytoken })
    : asking(realm, { service, scope, basic: basicHeader(auth) });
  const { timeoutMs, signal } = wish;
  const answer = await exchange({ ...question, limit: largestAnswer, timeoutMs, signal });
  if (answer.status !== 200) throw answerError(question, answer, secretsOf(auth));
  const { token, seconds } = tokenIn(answer.body, realm.host);
  // A little earlier than it ends: clocks differ, and requests take their time.
  const lasts = Math.min(Math.max(seconds * 800, 0), longest);
  return { header: `Bearer ${token}`, lasts, secrets: [token, ...secretsOf(auth)] };
}

const longest = 3_600_000;

type Question = Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body'>;
type About = { service: string; scope: string };

function asking(realm: URL, { service, scope, basic }: About & { basic: string | null }): Question {
  const url = new URL(realm);
  if (service) url.searchParams.append('service', service);
  for (const one of scope.split(' ')) if (one) url.searchParams.append('scope', one);
  return { url, method: 'GET', headers: basic ? { authorization: basic } : {} };
}

function refreshing(url: URL, { service, scope, token }: About & { token: string }): Question {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'slipway',
    service,
    scope,
    refresh_token: token,
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { url, method: 'POST', headers, body };
}

function tokenIn(body: Buffer, host: string): { token: string; seconds: number } {
  const { token, access_token, expires_in } = parsed(body);
  const found = token || access_token;
  if (typeof found !== 'string')
    throw new RegistryError(`The token service ${host} did not answer with a token`);
  // By the token specification a token lasts a minute when nothing is said.
  return { token: found, seconds: typeof expires_in === 'number' ? expires_in : 60 };
}

function parsed(body: Buffer): { token?: unknown; access_token?: unknown; expires_in?: unknown } {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    // The parser's message would quote the token.
    return {};
  }
}
