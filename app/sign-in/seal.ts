import { hkdfSync } from 'node:crypto';
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose';

/**
 * Encrypts something so that whoever keeps it cannot read or change it (RFC 7516, A256GCM), by a key
 * made of the App's client secret for this purpose alone. With a lifetime, e.g. `10m`, it cannot be
 * opened afterwards.
 */
export function seal(
  secret: string,
  purpose: string,
  content: JWTPayload,
  lifetime?: string,
): Promise<string> {
  const token = new EncryptJWT(content).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' });
  if (lifetime) token.setExpirationTime(lifetime);
  return token.encrypt(keyFor(secret, purpose));
}

/**
 * Opens what `seal` made; null for what was made with another secret or for another purpose, was
 * changed, or is too old.
 */
export async function unseal(
  secret: string,
  purpose: string,
  sealed: string,
): Promise<JWTPayload | null> {
  try {
    const algorithms = {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    };
    return (await jwtDecrypt(sealed, keyFor(secret, purpose), algorithms)).payload;
  } catch {
    return null;
  }
}

/** 256 bits by RFC 5869; the secret is random itself, so that no salt is needed. */
const keyFor = (secret: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', `slipway ${purpose}`, 32));
