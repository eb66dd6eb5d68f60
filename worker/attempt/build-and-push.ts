import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { StoredBuild } from '../../queue/build-store.ts';
import type { KnownImage } from '../../queue/known-images.ts';
import { removeImage } from '../engine/push-image.ts';
import type { BuildContext } from '../git/context.ts';
import type { LogWriter } from '../log/log-writer.ts';
import { credentialsFor, secretsOf } from '../registry/credentials.ts';
import { type RegistryClient, registryClient } from '../registry/registry-client.ts';
import { checkOutBuild, type OpenCheckout } from './check-out-build.ts';
import { type Earlier, findEarlier } from './find-earlier.ts';
import { makeImage } from './make-image.ts';
import { moveTags } from './move-tags.ts';
import { pushTag } from './push-tag.ts';
import type { AttemptDeps } from './run-attempt.ts';
import type { StepRunner } from './steps.ts';
import { tagWithRetries } from './tag-with-retries.ts';
import { testImage } from './test-image.ts';

/** What an attempt that went well leaves behind. */
export type Finished = {
  /** The manifest's in the registry; null for an image that is not pushed. */
  digest: string | null;
  size: number;
  tags: string[];
  /** A sentence for each tag that shows a newer push. */
  kept: string[];
  /** The earlier image that stands for this build's; null where one was built. */
  reused: KnownImage | null;
  /** What the image was made of; null where that cannot be told. */
  fingerprint: string | null;
  context: BuildContext;
  /** How many instructions were not taken from the cache. */
  ran: number;
};

/** One attempt's own things. */
export type AttemptContext = {
  build: StoredBuild;
  signal: AbortSignal;
  log: LogWriter;
  step: StepRunner;
  /** Values that must not appear in the log; grows as the attempt learns them. */
  secrets: string[];
};

/**
 * The story of an attempt: checkout → build → test → push → tag, or checkout → push → tag where an
 * image was made of the same inputs before. `after` gets what came of it while the checkout is
 * still there. Leaves no folder and no name in the Engine behind, however it ends.
 */
export async function buildAndPush(
  deps: AttemptDeps,
  attempt: AttemptContext,
  after: (finished: Finished) => Promise<void>,
): Promise<void> {
  const { build, step } = attempt;
  const folder = resolve(deps.config.DATA_DIR, 'builds', `${build.id}-${build.fence}`);
  const registry = imageRegistry(deps, attempt);
  let checkout: OpenCheckout | null = null;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { opened, earlier } = await step('checkout', async () => {
      checkout = await checkOutBuild(deps, attempt, folder);
      return { opened: checkout, earlier: await findEarlier(deps, attempt, checkout, registry) };
    });
    const image = earlier.image ?? (await buildAnew(deps, attempt, opened, earlier));
    const pushed = await publish(deps, attempt, opened, registry, earlier.image);
    const { fingerprint } = earlier;
    const { context } = opened;
    const ran = 'total' in image ? image.total - image.cached : 0;
    const { size } = image;
    await after({ ...pushed, size, ran, fingerprint, context, reused: earlier.image });
  } finally {
    await (checkout as OpenCheckout | null)?.close();
    await rm(folder, { recursive: true, force: true });
    await removeImage(deps.docker, `${build.image}:${build.sha}`);
  }
}

/** A client for the registry of the build's image, with credentials as they are at each moment. */
function imageRegistry(deps: AttemptDeps, { build, secrets }: AttemptContext): RegistryClient {
  return registryClient({
    credentials: async () => {
      const auth = await credentialsFor(build.image, deps.dockerConfig, deps.env);
      secrets.push(...secretsOf(auth));
      return auth;
    },
  });
}

async function buildAnew(
  deps: AttemptDeps,
  attempt: AttemptContext,
  opened: OpenCheckout,
  earlier: Earlier,
) {
  const { build, step } = attempt;
  const name = `${build.image}:${build.sha}`;
  const image = await step('build', () => makeImage(deps, attempt, opened.context, earlier, name));
  if (build.recipe.test) await step('test', () => testImage(deps, attempt, opened.checkout, name));
  return image;
}

/** Brings the image and its tags to the registry, from the Engine or, where it is there, not again. */
async function publish(
  deps: AttemptDeps,
  attempt: AttemptContext,
  opened: OpenCheckout,
  registry: RegistryClient,
  earlier: KnownImage | null,
): Promise<Pick<Finished, 'digest' | 'tags' | 'kept'>> {
  const { build, step, signal } = attempt;
  if (!build.publish) return { digest: null, tags: [], kept: [] };
  const own = build.sha;
  const digest = await step('push', async () => {
    if (earlier === null) {
      return (await pushTag(deps, attempt, { registry, tag: own, signal, step: 'push' })).digest;
    }
    await tagWithRetries(deps, attempt, registry, { digest: earlier.digest, tags: [own], signal });
    return earlier.digest;
  });
  const moved = await step('tag', () => moveTags(deps, attempt, opened, registry, digest));
  return { digest, tags: [own, ...moved.tags], kept: moved.kept };
}
