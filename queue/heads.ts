import type { Store } from './build-store.ts';
import {
  baselineScript,
  claimHeadScript,
  forgetHeadsScript,
  releaseHeadScript,
} from './head-scripts.ts';

/**
 * What a ref was moved to, 40 zeros where it was deleted, and when, in seconds since the epoch: 0 for
 * what was there before Slipway looked, and before a push that nothing could be planned of.
 */
export type Head = { after: string; at: number };

/** What was planned of a repository's refs; `hasBaseline` once every ref was looked at. */
export type Heads = { refs: Map<string, Head>; hasBaseline: boolean };

/** No ref has this name, so the field cannot be taken for one. */
const baseline = 'baseline';

/** Seconds for which a push is told from another of the same head: as long as GUIDs are. */
const remembered = 8 * 24 * 3_600;

/**
 * Says that a ref's head is planned from here on, and returns what to plan it under. Whatever tells
 * of one push, its delivery, a second one or the sweep, gets the same; `by` says who tells, since the
 * sweep's `before` is a guess. A head that is older than the one on record leaves the record alone.
 */
export async function claimHead(
  { redis, keys }: Store,
  repositoryId: number,
  push: { ref: string; before: string; after: string; pushedAt: number },
  by: 'webhook' | 'sweep',
): Promise<string> {
  const { ref, before, after, pushedAt } = push;
  const touched = [keys.heads(repositoryId), keys.plannedHead(repositoryId, `${ref} ${after}`)];
  const values = [ref, after, before, pushedAt, remembered, by];
  return String(await redis.eval(claimHeadScript, 2, ...touched, ...values));
}

/** Says that nothing could be planned of a push: its ref counts as where it was before. */
export async function releaseHead(
  { redis, keys }: Store,
  repositoryId: number,
  {
    ref,
    before,
    after,
    pushedAt,
  }: { ref: string; before: string; after: string; pushedAt: number },
): Promise<void> {
  const values = [ref, `${after} ${pushedAt}`, `${before} 0`];
  await redis.eval(releaseHeadScript, 1, keys.heads(repositoryId), ...values);
}

/** What was planned of a repository's refs; null if no push of it was ever planned. */
export async function headsOf({ redis, keys }: Store, repositoryId: number): Promise<Heads | null> {
  const { [baseline]: mark, ...fields } = await redis.hgetall(keys.heads(repositoryId));
  const refs = Object.entries(fields).map(([ref, head]) => [ref, parse(head)] as const);
  if (mark === undefined && refs.length === 0) return null;
  return { refs: new Map(refs), hasBaseline: mark !== undefined };
}

/** Whether every ref of a repository was looked at once. */
export const hasBaseline = async ({ redis, keys }: Store, repositoryId: number): Promise<boolean> =>
  (await redis.hexists(keys.heads(repositoryId), baseline)) === 1;

/** Takes refs for planned as they are, but for those of which more is known by now. */
export async function takeBaseline(
  { redis, keys }: Store,
  repositoryId: number,
  refs: ReadonlyMap<string, Head>,
): Promise<void> {
  const mark = [baseline, new Date().toISOString()];
  await redis.eval(baselineScript, 1, keys.heads(repositoryId), ...mark, ...fieldsOf(refs));
}

/** Forgets refs that are gone, unless something was planned of them since. */
export async function forgetHeads(
  { redis, keys }: Store,
  repositoryId: number,
  refs: ReadonlyMap<string, Head>,
): Promise<void> {
  if (refs.size === 0) return;
  await redis.eval(forgetHeadsScript, 1, keys.heads(repositoryId), ...fieldsOf(refs));
}

/** A ref holds no space, nor does a commit, so that words can be told apart. */
const fieldsOf = (refs: ReadonlyMap<string, Head>): string[] =>
  [...refs].flatMap(([ref, { after, at }]) => [ref, `${after} ${at}`]);

function parse(text: string): Head {
  const [after = '', at = ''] = text.split(' ');
  return { after, at: Number(at) };
}
