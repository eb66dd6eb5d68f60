import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Allowed } from '../../queue/notify-values.ts';
import { type Found, findAddresses } from './addresses.ts';

/** What a receiver answered. */
export type Answer = {
  status: number;
  retryAfter: string | undefined;
  /** Its body's first 1,024 characters. */
  text: string;
};

/** What a whole exchange may take, from the look-up to the answer's last byte, in milliseconds. */
const patience = 10_000;

/** More of an answer is not read, in bytes. */
const mostRead = 64 * 1024;

/** More of an answer is not kept, in characters. */
const mostKept = 1_024;

/**
 * Sends a body to a URL with POST. Redirects are not followed: they are an answer like any other.
 * Throws Refused for addresses that must not be asked, and whatever goes wrong on the way; no error
 * holds more of the URL than its host.
 */
export async function send(
  url: string,
  headers: Record<string, string>,
  body: string,
  allowed: Allowed,
): Promise<Answer> {
  const signal = AbortSignal.timeout(patience);
  try {
    const target = new URL(url);
    const found = await within(signal, findAddresses(target, allowed));
    const response = await post(target, found, headers, body, signal);
    const text = await readText(response);
    return {
      ...{ status: response.statusCode ?? 0, text: text.slice(0, mostKept) },
      retryAfter: response.headers['retry-after'],
    };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`There was no whole answer within ${patience / 1_000} s.`, { cause: error });
  }
}

/** A look-up cannot be stopped, but need not be waited for. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function post(
  target: URL,
  found: Found,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = target.protocol === 'https:' ? https : http;
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    // A connection that was kept would go where an earlier look-up led.
    agent: false,
    lookup: answering(found),
    signal,
  } as const;
  return new Promise((resolve, reject) => {
    request(target, options, resolve).on('error', reject).end(body);
  });
}

/** A look-up that gives what was found and checked before. */
const answering =
  (found: Found): LookupFunction =>
  (_host, { all }, done) => {
    const [{ address, family }] = found as [Found[number]];
    if (all) done(null, found);
    else done(null, address, family);
  };

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size >= mostRead) break;
  }
  return Buffer.concat(chunks).subarray(0, mostRead).toString();
}
