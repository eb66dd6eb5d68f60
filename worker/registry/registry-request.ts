import { answerError } from './answer-error.ts';
import { authorize } from './authorize.ts';
import { readChallenge } from './challenge.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange.ts';
import type { Authorization, RegistryClient } from './registry-client.ts';
import { registryAddress } from './registry-host.ts';

/** One request to a registry's API. */
export type RegistryRequest = Pick<HttpRequest, 'method' | 'headers' | 'body'> & {
  /** The registry, as registryHost names it. */
  host: string;
  /** Below the registry's address: `/v2/acme/web/manifests/main`. */
  path: string;
  /** What it takes, in the token specification's words: `repository:acme/web:pull,push`. */
  scope: string;
  /** Whether a 404 is an answer rather than an error. */
  mayBeMissing?: boolean;
};

const largestAnswer = 4 * 1024 * 1024;

/**
 * Asks a registry, first as nobody or as it was last allowed, and once more after a 401 with what
 * the registry wants to see. Returns answers of 2xx, and 404 if it may be missing. Throws a
 * RegistryError, what `credentials` throws, and the signal's reason when that was aborted.
 */
export async function registryRequest(
  client: RegistryClient,
  request: RegistryRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { host, scope } = request;
  const { authorizations, credentials, timeoutMs } = client;
  const url = new URL(`${registryAddress(host)}${request.path}`);
  const send = (as: Authorization | null | undefined) => sent(request, url, timeoutMs, signal, as);
  const key = `${host} ${scope}`;
  const known = authorizations.get(key);
  const first = await send(known);
  // What the registry redirects to has no say in where credentials go.
  const isChallenge = first.status === 401 && first.url.origin === url.origin;
  const challenge = isChallenge ? readChallenge(first.headers['www-authenticate']) : null;
  if (!challenge) return judged(request, url, first, known);
  authorizations.delete(key);
  const granted = await authorize(challenge, credentials, { host, scope, timeoutMs, signal });
  const second = granted ? await send(granted) : first;
  if (granted && granted.lasts >= 1 && second.status !== 401)
    authorizations.set(key, granted, { ttl: Math.floor(granted.lasts) });
  return judged(request, url, second, granted);
}

function sent(
  { method, headers, body }: RegistryRequest,
  url: URL,
  timeoutMs: number,
  signal: AbortSignal,
  as: Authorization | null | undefined,
): Promise<HttpAnswer> {
  const all = as ? { ...headers, authorization: as.header } : headers;
  return exchange({ url, method, headers: all, body, limit: largestAnswer, timeoutMs, signal });
}

function judged(
  { method, mayBeMissing }: RegistryRequest,
  url: URL,
  answer: HttpAnswer,
  as: Authorization | null | undefined,
): HttpAnswer {
  const { status } = answer;
  if ((status >= 200 && status < 300) || (status === 404 && mayBeMissing)) return answer;
  throw answerError({ method, url }, answer, as?.secrets ?? []);
}
