/** What is wrong with a connection, in plain words where Node's error code is a known one. */
export function connectionTrouble(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (/wrong version number|packet length too long/.test(message)) return plainHttp;
  return known[code] ?? (message || code);
}

/** OpenSSL's way to say that what came was no TLS; its code is another in every version of Node. */
const plainHttp = 'it speaks HTTP where HTTPS is spoken to it';

const known: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name is not known to the DNS',
  EAI_AGAIN: 'the DNS does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ECONNRESET: 'the connection was reset',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by itself, which this machine does not trust',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by an authority that this machine does not trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by an authority that this machine does not trust',
};
