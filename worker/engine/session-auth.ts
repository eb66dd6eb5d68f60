import type { RegistryAuth } from '../registry/registry-auth.ts';
import { type Answer, field, messageType, method, type SessionService } from './session-service.ts';

/**
 * Gives BuildKit the credentials for a registry from which a Dockerfile takes an image
 * (https://github.com/moby/buildkit/blob/master/session/auth/auth.proto). BuildKit asks with the
 * host alone, for any host that a Dockerfile names: `credentials` decides who gets any. What it
 * throws is for `onError`; BuildKit then goes on as nobody.
 */
export function authService(
  credentials: (host: string) => Promise<RegistryAuth>,
  onError: (error: Error) => void,
): SessionService {
  return {
    methods: [path],
    definition: method(path, request, response),
    handlers: {
      Credentials: async ({ request }: { request: { Host: string } }, answer: Answer) => {
        const auth = await credentials(request.Host).catch((error: Error): RegistryAuth => {
          onError(error);
          return {};
        });
        // Without a user name BuildKit takes the secret for a refresh token.
        const { username = '', password = '', identitytoken } = auth;
        if (identitytoken) answer(null, { Username: '', Secret: identitytoken });
        else answer(null, { Username: username, Secret: password });
      },
    },
  };
}

const path = '/moby.filesync.v1.Auth/Credentials';
const request = messageType('CredentialsRequest', { Host: field(1, 'string') });
const response = messageType('CredentialsResponse', {
  Username: field(1, 'string'),
  Secret: field(2, 'string'),
});
