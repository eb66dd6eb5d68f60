import { rm } from 'node:fs/promises';
import { getBuild } from '../../queue/build-store.ts';
import type { KnownImage } from '../../queue/known-images.ts';
import { makeAttemptFolder } from '../disk/attempt-folders.ts';
import { removeImage } from '../engine/push-image.ts';
import { credentialsFor, secretsOf } from '../registry/credentials.ts';
import { type RegistryClient, registryClient } from '../registry/registry-client.ts';
import { alone, mayReuse } from './alone.ts';
import type { AttemptContext, AttemptDeps, Finished } from './attempt.ts';
import { checkOutBuild, type OpenCheckout } from './check-out-build.ts';
import { findEarlier, findInputs, type KnownInputs } from './find-earlier.ts';
import { makeImage } from './make-image.ts';
import { moveTags } from './move-tags.ts';
import { pushTag } from './push-tag.ts';
import { shareLayers } from './share-layers.ts';
import { tagWithRetries } from './tag-with-retries.ts';
import { testImage } from './test-image.ts';
import { unlessAway } from './unless-away.ts';

/**
 * The story of an attempt: checkout → build → test → push → tag, or checkout → push → tag where an
 * image was made of the same inputs before. `end` writes what came of it, and says whether it
 * could. Leaves no folder and no name in the Engine behind, however it ends.
 */
export async function buildAndPush(
  deps: AttemptDeps,
  attempt: AttemptContext,
  end: (finished: Finished) => Promise<boolean>,
): Promise<void> {
  const { build, step } = attempt;
  const folder = await makeAttemptFolder(deps.config.DATA_DIR, build);
  try {
    const opened = await step('checkout', () => checkOutBuild(deps, attempt, folder));
    try {
      await finish(deps, attempt, opened, end);
    } finally {
      await opened.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function finish(
  deps: AttemptDeps,
  attempt: AttemptContext,
  opened: OpenCheckout,
  end: (finished: Finished) => Promise<boolean>,
): Promise<void> {
  const inputs = await findInputs(deps, attempt, opened);
  let shared: Finished | null = null;
  const name = `${attempt.build.image}:${attempt.build.sha}`;
  await alone(deps, attempt, inputs, async (own) => {
    // The name goes before the end is written: after it, no attempt would come to take it away.
    const finished = await makeAndPublish(deps, own, opened, inputs, name).finally(() =>
      removeName(deps, own, name),
    );
    if (await end(finished)) shared = finished;
  });
  if (shared) await shareLayers(deps, attempt, shared);
}

/** Not where another attempt has taken over: on the same Engine it makes an image of that name. */
async function removeName(
  { docker, store }: AttemptDeps,
  { build, signal }: AttemptContext,
  name: string,
): Promise<void> {
  const now = await getBuild(store, build.id).catch(() => null);
  if (now?.state === 'running' && now.fence !== build.fence) return;
  await unlessAway(signal, removeImage(docker, name));
}

async function makeAndPublish(
  deps: AttemptDeps,
  attempt: AttemptContext,
  opened: OpenCheckout,
  inputs: KnownInputs,
  name: string,
): Promise<Finished> {
  const { fingerprint } = inputs;
  const registry = imageRegistry(deps, attempt);
  const isWanted = fingerprint !== null && mayReuse(attempt);
  const reused = isWanted ? await findEarlier(deps, attempt, fingerprint, registry) : null;
  const image = reused ?? (await buildAnew(deps, attempt, opened, inputs, name));
  const pushed = await publish(deps, attempt, opened, registry, reused);
  const ran = 'total' in image ? image.total - image.cached : 0;
  const { pull } = inputs;
  return { ...pushed, size: image.size, ran, fingerprint, context: opened.context, pull, reused };
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
  { pull }: KnownInputs,
  name: string,
) {
  const { build, signal, step } = attempt;
  const image = await step('build', () => makeImage(deps, attempt, opened.context, pull, name));
  if (build.recipe.test) {
    const test = () => testImage(deps, attempt, opened.checkout, { name, pull });
    await step('test', () => unlessAway(signal, test()));
  }
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
