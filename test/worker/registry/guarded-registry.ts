import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { startFaultyRegistry } from '../engine/faulty-registry.ts';

/** A registry that takes only tokens of its token service. */
export type GuardedRegistry = {
  host: string;
  /** What the token service was asked so far. */
  questions: { method: string; url: string; authorization: string | undefined; body: string }[];
  /** Makes every token given so far worthless. */
  revoke: () => void;
  stop: () => Promise<void>;
};

/**
 * Guards a real registry as the Docker registry token specification says: each token is good for
 * one scope. The service names tokens and their time as `answer` does for the n-th one.
 */
export async function startGuardedRegistry(
  behind: string,
  answer = (token: string): object => ({ token }),
): Promise<GuardedRegistry> {
  const questions: GuardedRegistry['questions'] = [];
  const good = new Map<string, string>();
  const { host, stop } = await startFaultyRegistry(behind, (incoming, outgoing) => {
    if (incoming.url!.startsWith('/token')) {
      void give(incoming, outgoing);
      return true;
    }
    const wanted = scopeOf(incoming);
    if (good.get(incoming.headers.authorization ?? '') === wanted) return false;
    const challenge = `Bearer realm="http://${host}/token",service="the registry",scope="${wanted}"`;
    incoming.resume();
    outgoing.writeHead(401, { 'www-authenticate': challenge }).end();
    return true;
  });
  async function give(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming;
    const body = await text(incoming);
    questions.push({ method, url, authorization: headers.authorization, body });
    const query =
      method === 'POST' ? new URLSearchParams(body) : new URL(url, 'http://x').searchParams;
    const token = `token-${questions.length}`;
    good.set(`Bearer ${token}`, query.get('scope') ?? '');
    outgoing.end(JSON.stringify(answer(token)));
  }
  return { host, questions, revoke: () => good.clear(), stop };
}

function scopeOf({ method, url = '' }: IncomingMessage): string {
  const path = url.match(/^\/v2\/(.*)\/manifests\//)?.[1];
  return `repository:${path}:pull${method === 'PUT' ? ',push' : ''}`;
}
