import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { LRUCache } from 'lru-cache';
import { externalImages } from '../engine/external-images.ts';
import { imageHost } from '../engine/image-names.ts';
import { imageConfig } from '../registry/image-config.ts';
import { manifestDigest } from '../registry/manifests.ts';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { type RegistryClient, registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';

/** The images a Dockerfile starts from, as they are at the moment. */
export type Bases = {
  /** What stands for each one's content, by its name in full. */
  ids: Record<string, string>;
  /**
   * Whether all of them can be had from their registries although the Engine has some by their
   * names, perhaps older ones. Taking them from there also lets Engines share layers: BuildKit
   * knows an image of its own Engine by other keys.
   */
  pull: boolean;
};

/** What looking at base images needs. */
export type BaseLookup = {
  docker: Docker;
  credentials: (host: string) => Promise<RegistryAuth>;
  memory: BaseMemory;
  /** `os/architecture[/variant]`. */
  platform: string;
  signal: AbortSignal;
};

/** What one worker remembers of base images from build to build. */
export type BaseMemory = {
  /** Hosts that did not answer lately, so that not every build waits for them. */
  silent: LRUCache<string, true>;
  /** The ONBUILD instructions of images, by platform and digest. */
  onBuild: LRUCache<string, string[]>;
};

/** How long a registry may take to say which image a name stands for, in milliseconds. */
const patience = 3_000;

/** An empty memory. */
export const baseMemory = (): BaseMemory => ({
  silent: new LRUCache({ max: 1_000, ttl: 60_000 }),
  onBuild: new LRUCache({ max: 1_000 }),
});

/**
 * Looks up each image that a Dockerfile takes from outside, in its registry and in the Engine.
 * Null where one cannot be told, or has ONBUILD instructions, which see what no look at this
 * Dockerfile finds.
 */
export async function lookUpBases(
  lookup: BaseLookup,
  dockerfileText: string,
  buildArgs: Record<string, string>,
): Promise<Bases | null> {
  const known = await lookUpAll(lookup, dockerfileText, buildArgs);
  if (known === null || known.some(({ triggers }) => triggers.length > 0)) return null;
  const pull = known.every(({ remote }) => remote !== null);
  return {
    ids: Object.fromEntries(known.map((base) => [base.name, idOf(base, pull)])),
    pull: pull && known.some(({ own }) => own !== null),
  };
}

/**
 * Whether a build may take images that its Dockerfile does not name, by the ONBUILD instructions of
 * those that it does (Dockerfile 1.11 lets them say `COPY --from`). True in doubt.
 */
export async function mayTakeMore(
  lookup: BaseLookup,
  dockerfileText: string,
  buildArgs: Record<string, string>,
): Promise<boolean> {
  const known = await lookUpAll(lookup, dockerfileText, buildArgs);
  return known?.some(({ triggers }) => triggers.some((text) => /from=/i.test(text))) ?? true;
}

/** An image by its name in full: its digest in the registry, the Engine's own, and its ONBUILD. */
type Base = { name: string; remote: string | null; own: OwnImage | null; triggers: string[] };

type OwnImage = { id: string; onBuild: string[] };

/** The Engine's own is used unless it is told to pull; a newer one in the registry counts as well. */
const idOf = ({ remote, own }: Base, pull: boolean): string =>
  pull || own === null ? (remote ?? '') : [own.id, remote].filter(Boolean).join(' ');

/** Null where one of them cannot be told. */
async function lookUpAll(
  lookup: BaseLookup,
  dockerfileText: string,
  buildArgs: Record<string, string>,
): Promise<Base[] | null> {
  const names = externalImages(dockerfileText, buildArgs);
  if (names === null) return null;
  const found = await Promise.all(names.map((name) => lookUp(lookup, name)));
  const known = found.filter((base) => base !== null);
  return known.length < found.length ? null : known;
}

async function lookUp(lookup: BaseLookup, name: string): Promise<Base | null> {
  const host = imageHost(name);
  const client = registryClient({
    credentials: () => lookup.credentials(host),
    timeoutMs: patience,
  });
  const [image, reference] = split(name);
  const [own, remote] = await Promise.all([
    inEngine(lookup.docker, name),
    inRegistry(lookup, client, image, reference),
  ]);
  if (remote === null && own === null) return null;
  const there = remote === null ? [] : await onBuildOf(lookup, client, image, remote);
  return there && { name, remote, own, triggers: [...there, ...(own?.onBuild ?? [])] };
}

async function inEngine(docker: Docker, name: string): Promise<OwnImage | null> {
  try {
    const { RootFS, Config, Os, Architecture } = await docker.getImage(name).inspect();
    // Not the image's own id, in which is when it was made: other Engines may have made the same.
    const content = JSON.stringify([RootFS.Layers, Config, Os, Architecture]);
    const id = createHash('sha256').update(content).digest('hex');
    return { id, onBuild: (Config.OnBuild as string[] | null) ?? [] };
  } catch (error) {
    // 400 is for what is no name of an image, which the build itself will say.
    if ([400, 404].includes((error as { statusCode?: number }).statusCode ?? 0)) return null;
    throw error;
  }
}

async function inRegistry(
  { memory: { silent }, signal }: BaseLookup,
  client: RegistryClient,
  image: string,
  reference: string,
): Promise<string | null> {
  if (silent.has(imageHost(image))) return null;
  try {
    return await manifestDigest(client, image, reference, signal);
  } catch (error) {
    signal.throwIfAborted();
    // The build itself will say what is wrong, if it needs the registry at all.
    const isSilent = error instanceof RegistryError && error.status === null && !error.isFinal;
    if (isSilent) silent.set(imageHost(image), true);
    return null;
  }
}

async function onBuildOf(
  { memory, platform, signal }: BaseLookup,
  client: RegistryClient,
  image: string,
  digest: string,
): Promise<string[] | null> {
  const key = `${platform} ${digest}`;
  const known = memory.onBuild.get(key);
  if (known) return known;
  const config = await imageConfig(client, image, digest, platform, signal).catch(() => null);
  signal.throwIfAborted();
  if (config === null) return null;
  const found = config.config?.OnBuild ?? [];
  memory.onBuild.set(key, found);
  return found;
}

/** A reference in full as its image and its digest, or else its tag. */
function split(name: string): [image: string, reference: string] {
  const [named = '', digest] = name.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/'));
  const image = colon === -1 ? named : named.slice(0, colon);
  return [image, digest ?? named.slice(colon + 1)];
}
