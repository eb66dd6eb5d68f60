import {
  CompactEncrypt,
  compactDecrypt,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';

/** What a worker needs to read one repository for an hour. */
export type CheckoutGrant = {
  /** The clone URL, without credentials. */
  url: string;
  /** A token for `contents:read` on this repository, and on its submodules if that was asked; null where none is needed. */
  token: string | null;
};

const algorithm = 'ECDH-ES';

/** A key pair for one question, so that its answer can pass through Redis unread. */
export async function newReader() {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { publicKey: { ...(await exportJWK(publicKey)) }, privateKey };
}

/** Encrypts a grant for the one process that holds the key's other half (RFC 7516, ECDH-ES). */
export async function sealGrant(grant: CheckoutGrant, publicKey: JWK): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(grant)))
    .setProtectedHeader({ alg: algorithm, enc: 'A256GCM' })
    .encrypt(await importJWK(publicKey, algorithm));
}

/** Opens what `sealGrant` made. Throws if it was made for another key or was changed. */
export async function openGrant(sealed: string, privateKey: CryptoKey): Promise<CheckoutGrant> {
  const { plaintext } = await compactDecrypt(sealed, privateKey);
  return JSON.parse(new TextDecoder().decode(plaintext)) as CheckoutGrant;
}
