import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A port of the loopback that leads to another and falls silent in the middle of an answer. */
export type StallingForwarder = { port: number; close: () => Promise<void> };

/** Passes so many bytes of each connection's answers on, and holds the rest back for ever. */
export async function stallingForwarder(target: number, most: number): Promise<StallingForwarder> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    let passed = 0;
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      near.write(chunk.subarray(0, Math.max(0, most - passed)));
      passed += chunk.length;
    });
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
