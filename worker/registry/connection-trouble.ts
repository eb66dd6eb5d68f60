/** What is wrong with a connection, in plain words where Node's error code is a known one. */
export function connectionTrouble(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return known[code] ?? (message || code);
}

const known: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name is not known to the DNS',
  EAI_AGAIN: 'the DNS does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ECONNRESET: 'the connection was reset',
};
