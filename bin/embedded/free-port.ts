import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which Linux takes the ports of outgoing connections (32768 and up): a server
// that is stopped and started again finds its port still free.
const lowest = 15_000;
const highest = 32_000;

/** A loopback port that nobody listens on. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found between ${lowest} and ${highest}.`);
};

/**
 * The wanted port, or a free one when none is wanted. Throws when somebody else listens on it:
 * otherwise their answer would be taken for that of the server about to be started.
 */
export const portFor = async (name: string, wanted?: number): Promise<number> => {
  if (wanted === undefined) return freePort();
  if (await isFree(wanted)) return wanted;
  throw new Error(`${name} cannot start: port ${wanted} is taken by another program.`);
};

/** Whether a server could listen on this port of this host now. */
export const isFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
