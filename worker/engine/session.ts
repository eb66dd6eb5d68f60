import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type Docker from 'dockerode';
import { type Answer, field, messageType, method, type SessionService } from './session-service.ts';

/** What a build asks its client for while it runs; see {@link openSession}. */
export type Session = {
  /** For the `session` parameter of `POST /build`. */
  id: string;
  close: () => void;
};

/**
 * Opens the connection through which BuildKit asks for files, credentials and secrets: the Engine's
 * `POST /session` becomes HTTP/2 in which BuildKit is the client and this process serves what it is
 * given here, and the health check without which BuildKit hangs up
 * (https://github.com/moby/buildkit/blob/master/session/grpc.go). Sessions with the same
 * `sharedKey` are told to have files of the same origin: BuildKit keeps those between builds.
 * Throws what the Engine says when it opens no session.
 */
export async function openSession(
  docker: Docker,
  sharedKey: string,
  services: SessionService[],
): Promise<Session> {
  const id = randomUUID();
  const all = [healthService, ...services];
  const methods = all.flatMap((service) => service.methods);
  const socket = await dial(docker, {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'slipway',
    'X-Docker-Expose-Session-Sharedkey': sharedKey,
    // BuildKit asks only for methods that are announced here.
    'X-Docker-Expose-Session-Grpc-Method': methods,
  });
  const server = new Server();
  for (const { definition, handlers } of all) server.addService(definition, handlers);
  // The Engine closing its end is how a session ends; whether the build went well is told elsewhere.
  socket.on('error', () => {});
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  return {
    id,
    close: () => {
      server.forceShutdown();
      socket.destroy();
    },
  };
}

function dial(docker: Docker, headers: Record<string, string | string[]>): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/session',
        method: 'POST',
        hijack: true,
        headers: { Upgrade: 'h2c', ...headers },
        statusCodes: { 101: true, 200: true, 400: 'bad parameter', 500: 'server error' },
      } as Parameters<typeof docker.modem.dial>[0],
      (error, socket) => (error ? reject(error) : resolve(socket as Duplex)),
    );
  });
}

const healthPath = '/grpc.health.v1.Health/Check';

/** `SERVING` of https://github.com/grpc/grpc/blob/master/src/proto/grpc/health/v1/health.proto. */
const serving = 1;

const healthService: SessionService = {
  methods: [healthPath],
  definition: method(
    healthPath,
    messageType('HealthCheckRequest', {}),
    messageType('HealthCheckResponse', { status: field(1, 'int32') }),
  ),
  handlers: { Check: (_call: unknown, answer: Answer) => answer(null, { status: serving }) },
};
