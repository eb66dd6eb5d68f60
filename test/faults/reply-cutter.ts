import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port before a Redis that cuts connections once Redis has a command, and before its answer. */
export type ReplyCutter = {
  port: number;
  /** What is cut yet, each once; those that have been cut are gone from here. */
  traps: RegExp[];
  stop: () => Promise<void>;
};

/** Puts a port of the loopback before a Redis on another. */
export async function startReplyCutter(port: number, target: number): Promise<ReplyCutter> {
  const traps: RegExp[] = [];
  const sockets = new Set<{ destroy: () => void }>();
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    let isCut = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => {
      const at = traps.findIndex((trap) => trap.test(String(chunk)));
      far.write(chunk);
      if (at === -1 || isCut) return;
      traps.splice(at, 1);
      isCut = true;
      // By then Redis has done it.
      void sleep(100).then(() => near.destroy());
    });
    far.on('data', (chunk) => {
      if (!isCut) near.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    traps,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
