import { getBuild } from '../../queue/build-store.ts';
import { withLock } from '../../queue/lock.ts';
import { claimMove, tagOwner } from '../../queue/tag-owners.ts';
import { isAncestor } from '../git/ancestry.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';
import type { OpenCheckout } from './check-out-build.ts';
import { lost } from './stop.ts';
import { type IsAncestor, isOlder } from './tag-order.ts';
import { tagWithRetries } from './tag-with-retries.ts';

/** The tags that show this build now, and a sentence for each that shows a newer push. */
export type MovedTags = { tags: string[]; kept: string[] };

/**
 * Moves the tags that move (a branch, `latest`) to an image that is in the registry already. A
 * tag that shows a newer commit stays where it is, so that no build that took longer turns it back.
 * The lock keeps two workers from moving one image's tags at a time, and whoever has lost it, or
 * the build, moves none.
 */
export async function moveTags(
  deps: AttemptDeps,
  attempt: AttemptContext,
  opened: OpenCheckout,
  registry: RegistryClient,
  digest: string,
): Promise<MovedTags> {
  const { store } = deps;
  const { build, signal, log } = attempt;
  const wanted = build.wantedTags.filter((tag) => tag !== build.sha);
  if (wanted.length === 0) return { tags: [], kept: [] };
  const isBefore = ancestryOf(deps, attempt, opened);
  return withLock(store, `tags:${build.image}`, signal, async (during, lock) => {
    const seen = await Promise.all(
      wanted.map(async (tag) => ({ tag, seen: await tagOwner(store, build.image, tag) })),
    );
    const kept: string[] = [];
    const tags: string[] = [];
    for (const { tag, seen: before } of seen) {
      const { owner } = before;
      if (owner && (await isOlder(build, owner, isBefore))) {
        kept.push(`${tag} stays at ${owner.sha.slice(0, 7)}, which is newer.`);
      } else if (await claimMove(store, build, tag, before, lock)) tags.push(tag);
      else throw lost(await getBuild(store, build.id));
    }
    if (tags.length > 0)
      await tagWithRetries(deps, attempt, registry, { digest, tags, signal: during });
    for (const sentence of kept) await log.write('tag', 'status', sentence);
    return { tags, kept };
  });
}

/** Asks git about two commits, once for each pair and only where the commit itself does not tell. */
function ancestryOf(
  { mirrors }: AttemptDeps,
  { build, signal }: AttemptContext,
  { checkout, access }: OpenCheckout,
): IsAncestor {
  const known = new Map<string, Promise<boolean | null>>();
  return (older, newer) => {
    if (newer === build.sha && checkout.parents.includes(older)) return Promise.resolve(true);
    const key = `${older} ${newer}`;
    const answer =
      known.get(key) ??
      access().then((own) =>
        isAncestor(mirrors, own, build.repository.id, { older, newer }, signal),
      );
    known.set(key, answer);
    return answer;
  };
}
