import { getBuilds, type StoredBuild } from '../../queue/build-store.ts';
import { planByHand } from '../plan/plan-by-hand.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError } from './api-error.ts';
import { refSchema } from './ref-body.ts';
import { writableRepository } from './repository-for.ts';

/** Builds any branch, tag or commit for somebody who may write; `by` is their login, if known. Throws ApiErrors. */
export async function buildByHand(
  deps: WebDeps,
  token: string | null,
  fullName: string,
  ref: string,
  by: string | null,
): Promise<StoredBuild[]> {
  const needed = `Building ${fullName} needs write access to it.`;
  const repository = await writableRepository(deps, token, fullName, needed);
  const read = refSchema.safeParse(ref);
  if (!read.success) {
    throw new ApiError(400, 'bad_request', `ref ${read.error.issues[0]?.message}.`);
  }
  const planned = await planByHand(deps.planner, repository, ref, by);
  if (!planned)
    throw new ApiError(
      404,
      'not_found',
      `There is no branch, tag or commit ${ref}, or the beginning of an id fits several.`,
    );
  if (planned.ids.length === 0) throw new ApiError(409, 'conflict', planned.outcome);
  return getBuilds(deps.store, planned.ids);
}
