import { LRUCache } from 'lru-cache';
import type { RegistryAuth } from './registry-auth.ts';

/** Who asks registries and how patiently; made by registryClient. */
export type RegistryClient = {
  /** Called when a registry wants to know who asks. */
  credentials: () => Promise<RegistryAuth>;
  /** How long one request may take, in milliseconds. */
  timeoutMs: number;
  /** What registries took lately, by `host scope`. */
  authorizations: LRUCache<string, Authorization>;
};

/** What goes into an Authorization header. */
export type Authorization = {
  header: string;
  /** For how long it can be used again, in milliseconds. */
  lasts: number;
  /** What in it, or behind it, must not be seen. */
  secrets: string[];
};

/**
 * A client for credentials as credentialsFor gives them: those with a `serveraddress` are shown to
 * that registry only. A request may take five seconds unless `timeoutMs` says otherwise.
 */
export function registryClient({
  credentials,
  timeoutMs = 5000,
}: Pick<RegistryClient, 'credentials'> & { timeoutMs?: number }): RegistryClient {
  return { credentials, timeoutMs, authorizations: new LRUCache({ max: 1000 }) };
}
