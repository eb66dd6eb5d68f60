import { saveRepository } from '../../queue/repositories.ts';
import type { Push } from '../../queue/trigger.ts';
import { planCommit } from './plan-commit.ts';
import type { Planner } from './planner.ts';

/**
 * Turns a push into builds and says in one sentence what became of it. The same push planned
 * again makes no second build.
 */
export async function planPush(planner: Planner, push: Push): Promise<string> {
  const { repository, sha, ref, before, after, message, author, pushedAt, forced } = push;
  if (!/^refs\/(heads|tags)\/./.test(ref)) return `Nothing to do: ${ref} is no branch and no tag.`;
  await saveRepository(planner.store, repository);
  if (sha === null) return `Nothing to do: ${ref} was deleted.`;
  const marker = skipMarker(message);
  if (marker) return `Nothing to do: the commit message says ${marker}.`;
  const { outcome } = await planCommit(planner, {
    ...{ repository, sha, ref, before, message, author, pushedAt, forced },
    follows: forced || /^0+$/.test(before) ? null : before,
    event: 'push',
    baseRef: push.baseRef,
    committedAt: new Date(push.committedAt),
    pullRequest: null,
    cache: true,
    cause: ['push', String(repository.id), ref, before, after],
  });
  return outcome;
}

/** The marker in a commit message that asks for no build, if there is one. */
export function skipMarker(message: string): string | null {
  return /\[(skip ci|ci skip|no ci|skip slipway)\]/i.exec(message)?.[0] ?? null;
}
