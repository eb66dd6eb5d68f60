import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers a request in the registry's place, or says that the registry is to have it. */
export type RegistryFault = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/** Answers every request so for a while, in milliseconds, from the first one on. */
export function failing(
  status: number,
  lasts: number,
  headers: Record<string, string> = {},
): RegistryFault {
  let since = 0;
  return (incoming, outgoing) => {
    since ||= Date.now();
    if (Date.now() - since > lasts) return false;
    incoming.resume();
    outgoing.writeHead(status, headers).end();
    return true;
  };
}

/** Answers the first so many writes of a tag so. */
export function failingTag(tag: string, status: number, times: number): RegistryFault {
  let left = times;
  return (incoming, outgoing) => {
    const isTag = incoming.method === 'PUT' && incoming.url?.endsWith(`/manifests/${tag}`);
    if (!isTag || left === 0) return false;
    left -= 1;
    incoming.resume();
    outgoing.writeHead(status).end();
    return true;
  };
}

/** Cuts the connection in the middle of a layer, so many times. */
export function cutting(times: number, after = 50_000): RegistryFault {
  let left = times;
  return (incoming) => {
    if (incoming.method !== 'PATCH' || left === 0) return false;
    left -= 1;
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > after) incoming.socket.destroy();
    });
    incoming.on('error', () => {});
    return true;
  };
}

/** Says that it took the first manifest, under its own digest or another, and forgets it. */
export function forgetting(digest?: string): RegistryFault {
  let left = 1;
  return (incoming, outgoing) => {
    if (incoming.method !== 'PUT' || !incoming.url?.includes('/manifests/') || left === 0)
      return false;
    left -= 1;
    const hash = createHash('sha256');
    incoming.on('data', (chunk: Buffer) => hash.update(chunk));
    incoming.on('end', () => {
      const own = `sha256:${hash.digest('hex')}`;
      outgoing.writeHead(201, { 'docker-content-digest': digest ?? own }).end();
    });
    return true;
  };
}

/** Lets nobody in without the password of the moment; `onRefusal` hears of each wrong one. */
export function guarded(
  isRight: (header: string) => boolean,
  onRefusal: () => unknown,
): RegistryFault {
  return (incoming, outgoing) => {
    const { authorization } = incoming.headers;
    if (isRight(authorization ?? '')) return false;
    if (authorization) onRefusal();
    const headers = {
      'www-authenticate': 'Basic realm="faults"',
      'docker-distribution-api-version': 'registry/2.0',
      'content-type': 'application/json',
    };
    const errors = [{ code: 'UNAUTHORIZED', message: 'the password has run out' }];
    incoming.resume();
    outgoing.writeHead(401, headers).end(JSON.stringify({ errors }));
    return true;
  };
}
