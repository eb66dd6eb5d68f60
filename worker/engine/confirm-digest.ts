import { manifestDigest } from '../registry/manifests.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { PushInterrupted } from './push-errors.ts';

/** What was pushed, and where to say that it could not be looked at. */
export type PushedTag = {
  image: string;
  tag: string;
  digest: string;
  onNote: (text: string) => void | Promise<void>;
};

/**
 * Looks whether a tag shows what was pushed, since a registry or a proxy before it may have
 * acknowledged a push and lost it. Throws PushInterrupted when it does not, or the registry does
 * not answer. A registry that refuses to be read is believed: some passwords are for pushing only.
 */
export async function confirmDigest(
  client: RegistryClient,
  { image, tag, digest, onNote }: PushedTag,
  signal: AbortSignal,
): Promise<void> {
  const shown = await manifestDigest(client, image, tag, signal).catch(async (cause: Error) => {
    if (!(cause instanceof RegistryError)) throw cause;
    const text = `The push of ${image}:${tag} could not be confirmed (${cause.message})`;
    if (!cause.isFinal) throw new PushInterrupted(text, { cause });
    await onNote(text);
    return digest;
  });
  if (shown === digest) return;
  const instead = shown === null ? 'is not there' : `shows ${shown}`;
  throw new PushInterrupted(`${image}:${tag} ${instead} after a push of ${digest}`);
}
