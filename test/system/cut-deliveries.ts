import { connect, createServer, type Socket } from 'node:net';

/** Where on its way a delivery is cut, and what is done at that moment. */
export type Cut = {
  /** `half`: half of the body went through. `whole`: all of it. `answered`: the answer came back. */
  after: 'half' | 'whole' | 'answered';
  act: () => Promise<unknown>;
};

/**
 * Stands between GitHub and Slipway for one webhook at a time: passes a request on up to the cut,
 * does what is to be done then, and hangs up on GitHub, which never sees an answer.
 */
export async function cutDeliveries(target: string, cut: () => Cut) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer(async (gitHub) => {
    sockets.add(gitHub);
    gitHub.on('error', () => {});
    const { after, act } = cut();
    const request = await wholeRequest(gitHub);
    const slipway = connect(Number(port), hostname);
    slipway.on('error', () => {});
    const body = request.indexOf('\r\n\r\n') + 4;
    const length = after === 'half' ? Math.floor((body + request.length) / 2) : request.length;
    await new Promise((resolve) => slipway.write(request.subarray(0, length), resolve));
    if (after === 'answered') await new Promise((resolve) => slipway.once('data', resolve));
    await act();
    gitHub.destroy();
    slipway.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}${new URL(target).pathname}`,
    stop(): void {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function wholeRequest(socket: Socket): Promise<Buffer> {
  let data = Buffer.alloc(0);
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      data = Buffer.concat([data, chunk]);
      const head = data.indexOf('\r\n\r\n');
      const length = /^content-length: *(\d+)/im.exec(data.subarray(0, head).toString())?.[1];
      if (head >= 0 && data.length >= head + 4 + Number(length)) resolve(data);
    });
  });
}
