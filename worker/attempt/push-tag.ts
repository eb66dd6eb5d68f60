import { confirmDigest } from '../engine/confirm-digest.ts';
import { pushWithRetries } from '../engine/push-with-retries.ts';
import { askedPause } from '../registry/asked-pause.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';

/** For how long a push may stand still before it is tried again, in milliseconds. */
const stallTimeout = 120_000;

/** One of a build's tags, and the step it is pushed in. */
export type TagPush = {
  registry: RegistryClient;
  tag: string;
  signal: AbortSignal;
  step: 'push' | 'tag';
};

/**
 * Pushes one tag of a build's image, which the Engine has under that tag, until the registry shows
 * it. Throws what pushWithRetries throws.
 */
export function pushTag(
  { docker, config }: AttemptDeps,
  { build: { image }, log }: AttemptContext,
  { registry, tag, signal, step }: TagPush,
): Promise<{ digest: string }> {
  const onNote = (text: string) => log.write(step, 'status', text);
  return pushWithRetries(docker, {
    image,
    tag,
    signal,
    stallTimeout: Math.min(stallTimeout, config.PUSH_TIMEOUT),
    giveUpAfter: config.PUSH_TIMEOUT,
    onLine: ({ stream, text }) => log.write(step, stream, text),
    credentials: registry.credentials,
    confirm: (digest, during) => confirmDigest(registry, { image, tag, digest, onNote }, during),
    askedPause: (during) => askedPause(registry, image, tag, during),
  });
}
