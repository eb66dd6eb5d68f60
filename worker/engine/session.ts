import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js';
import type Docker from 'dockerode';
import protobuf from 'protobufjs/light.js';

/** What a build asks its client for while it runs; see {@link openSession}. */
export type Session = {
  /** For the `session` parameter of `POST /build`. */
  id: string;
  close: () => void;
};

/**
 * Opens the connection through which BuildKit fetches secrets for `RUN --mount=type=secret`: the
 * Engine's `POST /session` becomes HTTP/2 in which BuildKit is the client and this process serves
 * `moby.buildkit.secrets.v1.Secrets` and the health check without which BuildKit hangs up
 * (https://github.com/moby/buildkit/blob/master/session/grpc.go). Nothing is answered but these
 * values by their names. Throws what the Engine says when it opens no session.
 */
export async function openSession(
  docker: Docker,
  secrets: ReadonlyMap<string, Buffer>,
): Promise<Session> {
  const id = randomUUID();
  const socket = await dial(docker, id);
  const server = new Server();
  server.addService(healthService, {
    Check: (_call: unknown, answer: Answer) => answer(null, { status: serving }),
  });
  server.addService(secretsService, {
    GetSecret: ({ request }: { request: { ID: string } }, answer: Answer) => {
      const data = secrets.get(request.ID);
      if (data) answer(null, { data });
      else answer({ code: status.NOT_FOUND, details: `no secret ${request.ID}` });
    },
  });
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

type Answer = (error: { code: status; details: string } | null, value?: object) => void;

/** `SERVING` of https://github.com/grpc/grpc/blob/master/src/proto/grpc/health/v1/health.proto. */
const serving = 1;

const methods = {
  secret: '/moby.buildkit.secrets.v1.Secrets/GetSecret',
  health: '/grpc.health.v1.Health/Check',
};

function dial(docker: Docker, id: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/session',
        method: 'POST',
        hijack: true,
        // BuildKit asks only for methods that are announced here.
        headers: {
          Upgrade: 'h2c',
          'X-Docker-Expose-Session-Uuid': id,
          'X-Docker-Expose-Session-Name': 'slipway',
          'X-Docker-Expose-Session-Grpc-Method': Object.values(methods),
        },
        statusCodes: { 101: true, 200: true, 400: 'bad parameter', 500: 'server error' },
      } as Parameters<typeof docker.modem.dial>[0],
      (error, socket) => (error ? reject(error) : resolve(socket as Duplex)),
    );
  });
}

const field = (id: number, type: string) => ({ id, type });

// Fields that nothing here reads are left out: protobuf skips them.
const messages = protobuf.Root.fromJSON({
  nested: {
    GetSecretRequest: { fields: { ID: field(1, 'string') } },
    GetSecretResponse: { fields: { data: field(1, 'bytes') } },
    HealthCheckRequest: { fields: {} },
    HealthCheckResponse: { fields: { status: field(1, 'int32') } },
  },
});

function unary(name: string, path: string, request: string, response: string): ServiceDefinition {
  const [asked, answered] = [messages.lookupType(request), messages.lookupType(response)];
  return {
    [name]: {
      ...{ path, requestStream: false, responseStream: false },
      requestSerialize: (value: object) => Buffer.from(asked.encode(value).finish()),
      requestDeserialize: (bytes: Buffer) => asked.decode(bytes),
      responseSerialize: (value: object) => Buffer.from(answered.encode(value).finish()),
      responseDeserialize: (bytes: Buffer) => answered.decode(bytes),
    },
  };
}

const secretsService = unary('GetSecret', methods.secret, 'GetSecretRequest', 'GetSecretResponse');
const healthService = unary('Check', methods.health, 'HealthCheckRequest', 'HealthCheckResponse');
