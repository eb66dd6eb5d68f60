import type { Challenge } from './challenge.ts';
import { secretsOf } from './credentials.ts';
import { basicHeader, type RegistryAuth } from './registry-auth.ts';
import type { Authorization } from './registry-client.ts';
import { registryHost } from './registry-host.ts';
import { askTokenService, type TokenWish } from './token-service.ts';

/**
 * Answers a registry's challenge: with the password itself, with the `registrytoken` as it is, or
 * with a token from the service the challenge names. Null when there is nothing to answer with.
 */
export async function authorize(
  challenge: Challenge,
  credentials: () => Promise<RegistryAuth>,
  wish: TokenWish,
): Promise<Authorization | null> {
  const auth = meantFor(wish.host, await credentials());
  const { registrytoken } = auth;
  const secrets = secretsOf(auth);
  if (challenge.scheme === 'bearer' && !registrytoken)
    return askTokenService(challenge, auth, wish);
  const header = challenge.scheme === 'bearer' ? `Bearer ${registrytoken}` : basicHeader(auth);
  return header ? { header, lasts: shortTime, secrets } : null;
}

/** Passwords in Docker's file may be changed at any time. */
const shortTime = 60_000;

/** Nothing, when the credentials name another registry. */
function meantFor(host: string, auth: RegistryAuth): RegistryAuth {
  const { serveraddress } = auth;
  return serveraddress === undefined || registryHost(serveraddress) === host ? auth : {};
}
