import type { Repository } from '../../queue/build.ts';
import type { Store } from '../../queue/build-store.ts';
import { type PublishedBuild, publishedBuilds } from '../../queue/published-builds.ts';
import { tagOwnerSeqs } from '../../queue/tag-owners.ts';

/** A tag in the registry and what it shows now, as far as Slipway set it. */
export type ImageTag = {
  /** Registry and repository, without the tag. */
  image: string;
  tag: string;
  /** The manifest's digest, `sha256:…`. */
  digest: string;
  /** The image's unpacked size in bytes; null where the engine did not tell. */
  size: number | null;
  /** The commit it was built from. */
  sha: string;
  buildId: string;
  /** When that build ended, ISO 8601. */
  builtAt: string;
};

/** A tag's place in the list: its build, and the how manieth of the build's tags it is, from 0. */
export type ImagePlace = { seq: number; at: number };

/**
 * One page of a repository's tags, newest build first, and the place after which the next page
 * begins, if any. A tag stands with the build that moved it last and succeeded; one whose builds
 * are no longer on record is left out.
 */
export async function listImages(
  store: Store,
  { id }: Pick<Repository, 'id'>,
  { limit, after }: { limit: number; after?: ImagePlace },
): Promise<{ images: ImageTag[]; next: ImagePlace | null }> {
  const builds = await publishedBuilds(store, id);
  const shown = await buildsShown(store, builds);
  const all = builds.flatMap((build) =>
    build.tags.flatMap((tag, at) =>
      shown.get(reference(build.image, tag)) === build
        ? [{ place: { seq: build.seq, at }, image: imageTag(build, tag) }]
        : [],
    ),
  );
  const rest = after ? all.filter(({ place }) => isBehind(place, after)) : all;
  const page = rest.slice(0, limit);
  return {
    images: page.map(({ image }) => image),
    next: rest.length > limit ? (page.at(-1)?.place ?? null) : null,
  };
}

/** Which build each tag shows, by image and tag: the one it was given to last, else the newest. */
async function buildsShown(
  store: Store,
  builds: PublishedBuild[],
): Promise<Map<string, PublishedBuild>> {
  const shown = new Map<string, PublishedBuild>();
  const bySeq = new Map(builds.map((build) => [build.seq, build]));
  for (const [image, tags] of tagsByImage(builds)) {
    const owners = await tagOwnerSeqs(store, image, [...tags.keys()]);
    for (const [index, [tag, newest]] of [...tags].entries()) {
      const owner = bySeq.get(owners[index] ?? 0);
      // The owner may have failed while it moved the tag, or be at it.
      const isShown = owner?.image === image && owner.tags.includes(tag);
      shown.set(reference(image, tag), isShown ? owner : newest);
    }
  }
  return shown;
}

/** The newest build of each tag of each image; `builds` are newest first. */
function tagsByImage(builds: PublishedBuild[]): Map<string, Map<string, PublishedBuild>> {
  const images = new Map<string, Map<string, PublishedBuild>>();
  for (const build of builds) {
    const tags = images.get(build.image) ?? new Map<string, PublishedBuild>();
    images.set(build.image, tags);
    for (const tag of build.tags) if (!tags.has(tag)) tags.set(tag, build);
  }
  return images;
}

const reference = (image: string, tag: string): string => `${image}:${tag}`;

const isBehind = (place: ImagePlace, { seq, at }: ImagePlace): boolean =>
  place.seq < seq || (place.seq === seq && place.at > at);

const imageTag = (build: PublishedBuild, tag: string): ImageTag => {
  const { image, digest, size, sha, id, finishedAt } = build;
  return { image, tag, digest, size, sha, buildId: id, builtAt: finishedAt };
};
