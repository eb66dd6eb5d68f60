import { setTimeout as sleep } from 'node:timers/promises';
import { doubtTags } from '../../queue/doubtful-tags.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { tagManifest } from '../registry/tag-manifest.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';

/** Tags for an image that is in the registry. */
export type Tagging = { digest: string; tags: string[]; signal: AbortSignal };

/** The pauses between tries in milliseconds: doubled each time up to the longest. */
const pauses = { first: 500, longest: 30_000 };

/**
 * Gives tags to an image in the registry, again and again for PUSH_TIMEOUT while the registry is
 * away or asks to wait. Throws what the last try threw, or the signal's reason.
 */
export async function tagWithRetries(
  { config, store }: AttemptDeps,
  { build, log }: AttemptContext,
  registry: RegistryClient,
  { digest, tags, signal }: Tagging,
): Promise<void> {
  const lastStart = Date.now() + config.PUSH_TIMEOUT;
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.longest)) {
    try {
      return await tagManifest(registry, build.image, digest, tags, signal);
    } catch (error) {
      if (isUnclear(error)) await doubtTags(store, { image: build.image, tags, digest });
      if (!(error instanceof RegistryError) || error.isFinal) throw error;
      const wait = Math.max(pause, error.retryAfter ?? 0) * (1 + Math.random() / 4);
      if (Date.now() + wait > lastStart) throw error;
      const seconds = Number((wait / 1_000).toFixed(1));
      const text = `The registry did not take the tags (${error.message}); trying again in ${seconds} s`;
      await log.write('tag', 'status', text);
      await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** Whether the registry may give the tags yet: it did not answer, or a proxy did in its place. */
const isUnclear = (error: unknown): boolean =>
  !(error instanceof RegistryError) || error.status === null || error.status >= 500;
