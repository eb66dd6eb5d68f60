/** What the Engine is told about who pushes; empty is nobody in particular. */
export type RegistryAuth = {
  username?: string;
  password?: string;
  /** A refresh token, instead of a password. */
  identitytoken?: string;
  /** A bearer token, sent to the registry as it is. */
  registrytoken?: string;
  serveraddress?: string;
};

/** An Authorization header with the name and password; null when there is no password. */
export function basicHeader({ username, password }: RegistryAuth): string | null {
  if (!username || password === undefined) return null;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
