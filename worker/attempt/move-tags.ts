import { withLock } from '../../queue/lock.ts';
import { isOlder, setTagOwner, tagOwner } from '../../queue/tag-owners.ts';
import type { AttemptContext } from './build-and-push.ts';
import type { AttemptDeps } from './run-attempt.ts';

/** The tags that show this build now, and a sentence for each that shows a newer push. */
export type MovedTags = { tags: string[]; kept: string[] };

/**
 * Moves the tags that move (a branch, `latest`) to an image that is in the registry already. A
 * tag that shows a newer push stays where it is, so that no build that took longer turns it back;
 * the lock keeps two workers from moving one image's tags at a time.
 */
export async function moveTags(
  { docker, store }: AttemptDeps,
  { build, signal, log }: AttemptContext,
  push: (tag: string, signal: AbortSignal) => Promise<unknown>,
): Promise<MovedTags> {
  const wanted = build.wantedTags.filter((tag) => tag !== build.sha);
  if (wanted.length === 0) return { tags: [], kept: [] };
  return withLock(store, `tags:${build.image}`, signal, async (during) => {
    const moves = await allSettled(
      wanted.map(async (tag) => {
        const owner = await tagOwner(store, build.image, tag);
        if (owner && isOlder(build, owner)) {
          return { kept: `${tag} stays at ${owner.sha.slice(0, 7)}, which is newer.` };
        }
        await docker.getImage(`${build.image}:${build.sha}`).tag({ repo: build.image, tag });
        await push(tag, during);
        await setTagOwner(store, build.image, tag, build);
        return { tag };
      }),
    );
    const kept = moves.flatMap((move) => move.kept ?? []);
    for (const sentence of kept) await log.write('tag', 'status', sentence);
    return { tags: moves.flatMap((move) => move.tag ?? []), kept };
  });
}

/** Like Promise.all, but waits for the others before it throws: no push may outlive the lock. */
async function allSettled<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
