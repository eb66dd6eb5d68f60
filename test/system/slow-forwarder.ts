import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port in front of a service, with a delay in each direction that a test may change. */
export type SlowForwarder = { delay: number; stop: () => Promise<void> };

/** Puts a port of the loopback in front of another; `delay` is in milliseconds, 0 at first. */
export async function slowForwarder(port: number, target: number): Promise<SlowForwarder> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // One after the other, so that what was sent first arrives first.
      let arrived = Promise.resolve();
      from.on('data', (chunk) => {
        const due = Date.now() + slow.delay;
        arrived = arrived.then(async () => {
          await sleep(Math.max(due - Date.now(), 0));
          if (!to.destroyed) to.write(chunk);
        });
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const slow: SlowForwarder = {
    delay: 0,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return slow;
}
