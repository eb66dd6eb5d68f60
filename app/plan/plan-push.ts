import { claimHead, hasBaseline, releaseHead } from '../../queue/heads.ts';
import { enqueueSweep } from '../../queue/queues.ts';
import { saveRepository } from '../../queue/repositories.ts';
import type { MissedPush, Push } from '../../queue/trigger.ts';
import { AccessEnded } from '../forge.ts';
import { CommitUnknown, expectAccess } from './known-commit.ts';
import { planCommit } from './plan-commit.ts';
import type { Planner } from './planner.ts';
import type { Subject } from './subject.ts';

/**
 * Turns a push into builds and says in one sentence what became of it. The same push planned
 * again makes no second build, whoever tells of it.
 */
export async function planPush(
  planner: Planner,
  push: Push,
  by: 'webhook' | 'sweep',
): Promise<string> {
  const { store, queues } = planner;
  const { sha, ref, before, after, message, author, pushedAt, forced } = push;
  if (!/^refs\/(heads|tags)\/./.test(ref)) return `Nothing to do: ${ref} is no branch and no tag.`;
  const repository = await saveRepository(store, push.repository);
  const under = await claimHead(store, repository.id, push, by);
  // What is there beside the first push was there before Slipway, and must be noted as such at once.
  if (repository.installationId !== null && !(await hasBaseline(store, repository.id))) {
    await enqueueSweep(queues, { repositoryIds: [repository.id] });
  }
  if (sha === null) return `Nothing to do: ${ref} was deleted.`;
  const marker = skipMarker(message);
  if (marker) return `Nothing to do: the commit message says ${marker}.`;
  const subject: Subject = {
    ...{ repository, sha, ref, before, message, author, pushedAt, forced },
    follows: forced || /^0+$/.test(before) ? null : before,
    event: 'push',
    baseRef: push.baseRef,
    committedAt: new Date(push.committedAt),
    pullRequest: null,
    cache: true,
    cause: ['push', String(repository.id), ref, under, after],
  };
  try {
    return (await planCommit(planner, subject)).outcome;
  } catch (error) {
    // Nothing could be read: the sweep finds it once it can be.
    if (error instanceof AccessEnded || error instanceof CommitUnknown)
      await releaseHead(store, repository.id, push);
    throw error;
  }
}

/**
 * Turns a push that the sweep found into builds, if the ref is still where the sweep saw it. The
 * push's own webhook, before or after, makes no second build.
 */
export async function planMissedPush(planner: Planner, { push }: MissedPush): Promise<string> {
  const { repository, ref, after } = push;
  const head = await planner.forge.head(repository, ref);
  if (head === null) await expectAccess(planner, repository);
  if (head === null) return `Nothing to do: ${ref} was deleted.`;
  if (head !== after) {
    await enqueueSweep(planner.queues, { repositoryIds: [repository.id] });
    return `Nothing to do: ${ref} is no longer at ${after}.`;
  }
  return `Found by the sweep. ${await planPush(planner, push, 'sweep')}`;
}

/** The marker in a commit message that asks for no build, if there is one. */
export function skipMarker(message: string): string | null {
  return /\[(skip ci|ci skip|no ci|skip slipway)\]/i.exec(message)?.[0] ?? null;
}
