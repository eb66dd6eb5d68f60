import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A registry that takes layers slowly. */
export type SlowRegistry = {
  /** How image names begin. */
  host: string;
  /** So many bytes of each layer are let through in a second; a test may change it. */
  rate: number;
  /** The layers that are being sent at this moment. */
  uploads: Set<IncomingMessage>;
  /** `METHOD path` of every request so far. */
  requests: string[];
  stop: () => Promise<void>;
};

/** Stands in front of a real registry and lets so many bytes of each layer through in a second. */
export async function startSlowRegistry(behind: string, rate: number): Promise<SlowRegistry> {
  const uploads = new Set<IncomingMessage>();
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const isLayer = incoming.method === 'PATCH';
    if (isLayer) uploads.add(incoming);
    outgoing.on('close', () => uploads.delete(incoming));
    forward(behind, incoming, outgoing, isLayer ? slow.rate : Number.POSITIVE_INFINITY);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const slow: SlowRegistry = {
    host: `127.0.0.1:${port}`,
    rate,
    uploads,
    requests,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return slow;
}

// The Host header stays, so that the registry's own addresses lead here again.
function forward(
  behind: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  rate: number,
): void {
  const { method, url, headers } = incoming;
  const onward = request(`http://${behind}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(throttle(rate)).pipe(onward);
}

const throttle = (rate: number): Transform =>
  new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      await sleep((chunk.length / rate) * 1_000, undefined, { ref: false });
      done(null, chunk);
    },
  });
