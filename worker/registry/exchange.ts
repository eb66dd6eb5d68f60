import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { connectionTrouble } from './connection-trouble.ts';
import { RegistryError } from './registry-error.ts';
import { mayLeadTo } from './registry-host.ts';

/** One request to a registry or its token service. */
export type HttpRequest = {
  url: URL;
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  headers: Record<string, string>;
  body?: Buffer | string;
  /** How many bytes the answer may have. */
  limit: number;
  /** How long each hop may take from the first byte to the last, in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
};

/** An answer, read to its end. `url` is where it came from, after all redirects. */
export type HttpAnswer = {
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
};

const mostRedirects = 5;

/**
 * Sends a request and reads the answer, whatever its status. GET and HEAD follow redirects; the
 * authorization does not go along to another host. Throws a RegistryError when there is no answer,
 * it is too large or leads to where it must not, and the signal's reason when that was aborted.
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  let { url, headers } = request;
  for (let hops = 0; ; hops += 1) {
    const answer = await ask({ ...request, url, headers });
    const next = redirectOf(request.method, answer);
    if (!next) return answer;
    // Named by its host alone: signed addresses are as good as a password.
    if (!mayLeadTo(url.host, next)) throw wrong(`${url.host} must not redirect to ${next.host}`);
    if (hops === mostRedirects) throw wrong(`${request.url.host} redirects too often`);
    if (next.origin !== url.origin) headers = withoutAuthorization(headers);
    url = next;
  }
}

async function ask(request: HttpRequest): Promise<HttpAnswer> {
  const { url, limit, timeoutMs, signal } = request;
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await responseTo(request, AbortSignal.any([signal, late]));
    const body = await bodyOf(response, limit, url.host);
    return { url, status: response.statusCode ?? 0, headers: response.headers, body };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof RegistryError) throw cause;
    const tooLate = `it took longer than ${timeoutMs / 1000} s`;
    const what = late.aborted ? tooLate : connectionTrouble(cause);
    throw new RegistryError(`${url.host} does not answer: ${what}`, { cause });
  }
}

/** Not fetch: that refuses ports a registry may well listen on, such as 6000. */
function responseTo(
  { url, method, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const all = { 'user-agent': 'slipway', ...headers };
    request(url, { method, headers: all, agent: false, signal }, resolve)
      .on('error', reject)
      .end(body);
  });
}

async function bodyOf(response: IncomingMessage, limit: number, host: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) throw wrong(`${host} answers with more than ${limit / 1024} KiB`);
  }
  return Buffer.concat(chunks);
}

function redirectOf(method: string, { status, headers, url }: HttpAnswer): URL | null {
  const { location } = headers;
  const isFollowed = (method === 'GET' || method === 'HEAD') && status >= 301 && status <= 308;
  return isFollowed && location && URL.canParse(location, url) ? new URL(location, url) : null;
}

const wrong = (message: string) => new RegistryError(message, { isFinal: true });
const withoutAuthorization = ({ authorization: _, ...rest }: Record<string, string>) => rest;
