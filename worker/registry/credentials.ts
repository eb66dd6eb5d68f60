import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askCredentialHelper } from './credential-helper.ts';
import type { RegistryAuth } from './registry-auth.ts';
import { registryHost } from './registry-host.ts';

/**
 * The credentials for a registry as `docker login` left them: `config.json` is read anew each
 * time, and a credential helper it names is asked. `{}` when there are none. `env` is the helper's
 * environment. Throws a sentence that names the file or helper, never a secret. See
 * https://docs.docker.com/reference/cli/docker/login/#credential-stores.
 */
export async function credentialsFor(
  registry: string,
  dockerConfigFolder: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryAuth> {
  const path = join(dockerConfigFolder, 'config.json');
  const config = await readConfig(path);
  const host = registryHost(registry);
  // The one name under which docker login files Docker Hub.
  const serveraddress = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
  const helper = entryFor(config.credHelpers, host) ?? config.credsStore;
  if (helper) return askCredentialHelper(helper, serveraddress, env);
  const entry = entryFor(config.auths, host);
  return entry ? { ...authOf(entry, host, path), serveraddress } : {};
}

/** Everything in these credentials that must not be seen in a log. */
export function secretsOf(auth: RegistryAuth): string[] {
  const { username, password, identitytoken, registrytoken } = auth;
  const pair = username && password ? base64(`${username}:${password}`) : undefined;
  return [password, pair, identitytoken, registrytoken].filter((secret) => !!secret) as string[];
}

type AuthEntry = {
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
};
type DockerConfig = {
  auths?: Record<string, AuthEntry>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
};

async function readConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Nobody has logged in on this machine.
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new Error(`Docker's ${path} cannot be read: ${code}`, { cause });
  }
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config;
  } catch {
    // Not kept as the cause: the parser's message quotes the file, and with it passwords.
  }
  throw new Error(`Docker's ${path} is not a JSON object`);
}

/** An entry by its exact name first, then by any name of the same host. */
function entryFor<T>(entries: Record<string, T> | undefined, host: string): T | undefined {
  const all = Object.entries(entries ?? {});
  const found = all.find(([name]) => name === host) ?? all.find(([n]) => registryHost(n) === host);
  return found?.[1];
}

function authOf(entry: AuthEntry, host: string, path: string): RegistryAuth {
  const { identitytoken, registrytoken } = entry;
  if (registrytoken) return { registrytoken };
  const { username, password } = entry.auth
    ? decoded(entry.auth, host, path)
    : { username: entry.username, password: entry.password };
  if (identitytoken) return username ? { username, identitytoken } : { identitytoken };
  return username ? { username, password: password ?? '' } : {};
}

function decoded(auth: string, host: string, path: string): { username: string; password: string } {
  const pair = Buffer.from(auth, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) throw new Error(`The entry for ${host} in Docker's ${path} is not valid`);
  // docker login of old padded with zeros.
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
