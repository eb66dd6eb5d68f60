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
