import { manifestDigest } from './manifests.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/**
 * How long a registry that did not take a push wants to be left alone, in milliseconds: it is asked
 * about the tag, and its Retry-After counts when it answers 429 or 503. Null when it says no such
 * thing, or nothing within five seconds. Throws only the signal's reason.
 */
export async function askedPause(
  client: RegistryClient,
  image: string,
  tag: string,
  signal: AbortSignal,
): Promise<number | null> {
  const late = AbortSignal.timeout(patience);
  try {
    await manifestDigest(client, image, tag, AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    // Whatever else is wrong, the next push will tell.
    const isAsking = error instanceof RegistryError && [429, 503].includes(error.status ?? 0);
    if (isAsking && !late.aborted) return error.retryAfter;
  }
  return null;
}

const patience = 5000;
