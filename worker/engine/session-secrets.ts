import { status } from '@grpc/grpc-js';
import { type Answer, field, messageType, method, type SessionService } from './session-service.ts';

/**
 * Gives BuildKit secrets for `RUN --mount=type=secret` by their names, and nothing else
 * (https://github.com/moby/buildkit/blob/master/session/secrets/secrets.proto).
 */
export function secretsService(secrets: ReadonlyMap<string, Buffer>): SessionService {
  return {
    methods: [path],
    definition: method(path, request, response),
    handlers: {
      GetSecret: ({ request }: { request: { ID: string } }, answer: Answer) => {
        const data = secrets.get(request.ID);
        if (data) answer(null, { data });
        else answer({ code: status.NOT_FOUND, details: `no secret ${request.ID}` });
      },
    },
  };
}

const path = '/moby.buildkit.secrets.v1.Secrets/GetSecret';
const request = messageType('GetSecretRequest', { ID: field(1, 'string') });
const response = messageType('GetSecretResponse', { data: field(1, 'bytes') });
