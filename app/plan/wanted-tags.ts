import { createHash } from 'node:crypto';
import type { Store } from '../../queue/build-store.ts';
import { claimTag } from '../../queue/tag-claims.ts';
import type { TagContext } from '../tags/tag-context.ts';
import { tagsOf, versionOf } from '../tags/version.ts';
import { isImmutable } from './image-name.ts';
import type { Rule } from './rule.ts';

/** The tags a rule asks for at a commit, and the one of them that is the version. */
export type WantedTags = { tags: string[]; version: string | undefined };

/**
 * The commit's own tag, which never moves and is always there, then what the rule's lines give.
 * A name that had to be changed to be a tag (`feature/x` → `feature-x`) and is another branch's
 * already gets a short hash, so that no two branches end on one tag. Throws TagMistake.
 */
export async function wantedTags(
  store: Store,
  rule: Pick<Rule, 'image' | 'tags' | 'flavor'>,
  context: TagContext,
): Promise<WantedTags> {
  const version = versionOf(rule.tags, rule.flavor, context);
  const own = await Promise.all(
    tagsOf(version, rule.flavor)
      .map((tag) => fitted(tag, context.sha))
      .map(async (tag) => {
        const isChanged = version.changed.includes(tag);
        const isOurs = await claimTag(store, rule.image, tag, context.ref, isChanged);
        return isOurs ? tag : `${tag.slice(0, 121)}-${shortHash(context.ref)}`;
      }),
  );
  return { tags: [...new Set([context.sha, ...own])], version: own[0] ?? version.main };
}

/** What docker/metadata-action leaves is not always a tag: it may begin with `-` or be too long. */
function fitted(tag: string, sha: string): string {
  const isTag = /^\w/.test(tag) && (!isImmutable(tag) || tag === sha);
  return (isTag ? tag : `ref-${tag}`).slice(0, 128);
}

const shortHash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 6);
