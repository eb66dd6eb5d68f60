import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request that a receiver got, with its body as it came. */
export type Received = {
  method: string | undefined;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
};

/** Answers one request; `nth` counts those of its path from 1. */
export type Answering = (response: ServerResponse, nth: number) => void;

/** An HTTP server on every address of this machine that keeps what it is sent. */
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** Starts one, over TLS with a certificate; a path without an answer of its own is answered 204. */
export async function startReceiver(
  answers: Record<string, Answering> = {},
  certificate?: { key: string; cert: string },
) {
  const received: Received[] = [];
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = new URL(request.url ?? '/', 'http://receiver').pathname;
    const body = Buffer.concat(chunks).toString();
    received.push({ method: request.method, path, headers: request.headers, body });
    const answer = answers[path];
    if (answer) answer(response, received.filter((one) => one.path === path).length);
    else response.writeHead(204).end();
  };
  const server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    /** What came to a path, the oldest first. */
    at: (path: string): Received[] => received.filter((one) => one.path === path),
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
