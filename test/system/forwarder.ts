import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';

/** A port that leads to a service while it is open, and refuses connections while it is closed. */
export type Forwarder = {
  open: () => Promise<void>;
  close: () => Promise<void>;
  /** Lets what is connected fall silent for good, as behind a NAT that forgot it; later connections work. */
  silence: () => void;
};

/** Puts a port of the loopback in front of a service; closed at first. */
export function forwarder(port: number, target: NetConnectOpts): Forwarder {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  return {
    async open() {
      const opened = createServer({ allowHalfOpen: true }, (near) => {
        const far = connect({ ...target, allowHalfOpen: true });
        join(near, far);
        join(far, near);
      });
      await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve));
      server = opened;
    },
    silence() {
      for (const socket of sockets) socket.unpipe().resume();
    },
    async close() {
      const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
      for (const socket of sockets) socket.destroy();
      await closed;
      server = undefined;
    },
  };
}
