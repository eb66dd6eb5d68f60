import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry that does not always do what the one behind it would. */
export type FaultyRegistry = {
  /** How image names begin. */
  host: string;
  stop: () => Promise<void>;
};

/**
 * Stands in front of a real registry; `fault` answers the requests for which it returns true, and
 * holds up those about which it is slow to say.
 */
export async function startFaultyRegistry(
  behind: string,
  fault: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean | Promise<boolean>,
): Promise<FaultyRegistry> {
  const server = createServer(async (incoming, outgoing) => {
    const isAnswered = await fault(incoming, outgoing);
    // Whoever asked may have gone meanwhile.
    if (!isAnswered && !outgoing.closed) forward(behind, incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

// The Host header stays, so that the registry's own addresses lead here again.
function forward(behind: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming;
  const onward = request(`http://${behind}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}
