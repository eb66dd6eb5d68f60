import type { Repository } from '../../queue/build.ts';
import { getBuilds, type StoredBuild } from '../../queue/build-store.ts';
import { findRepository, saveRepository } from '../../queue/repositories.ts';
import type { Access } from '../forge.ts';
import { planByHand } from '../plan/plan-by-hand.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError, mayNotWrite, notFound } from './api-error.ts';
import { refSchema } from './ref-body.ts';

/**
 * A repository by name and what the caller may do with it now; one that Slipway never heard of is
 * looked up for a caller with a token. Null for what the caller may not know of.
 */
export async function repositoryFor(
  { store, gate, planner }: WebDeps,
  token: string | null,
  fullName: string,
): Promise<{ repository: Repository; access: Access } | null> {
  const known = await findRepository(store, fullName);
  const repository = known ?? (token && (await planner.forge.findRepository(fullName, token)));
  if (!repository) return null;
  const access = await gate.accessNow(token, { repository });
  if (access === 'none') return null;
  if (!known && access === 'write') await saveRepository(store, repository);
  return { repository, access };
}

/** Builds any branch, tag or commit for somebody who may write; `by` is their login, if known. Throws ApiErrors. */
export async function buildByHand(
  deps: WebDeps,
  token: string | null,
  fullName: string,
  ref: string,
  by: string | null,
): Promise<StoredBuild[]> {
  const found = await repositoryFor(deps, token, fullName);
  if (!found) throw notFound(`repository ${fullName}`);
  if (found.access !== 'write') {
    throw mayNotWrite(token, `Building ${fullName} needs write access to it.`);
  }
  const read = refSchema.safeParse(ref);
  if (!read.success) {
    throw new ApiError(400, 'bad_request', `ref ${read.error.issues[0]?.message}.`);
  }
  const planned = await planByHand(deps.planner, found.repository, ref, by);
  if (!planned)
    throw new ApiError(
      404,
      'not_found',
      `There is no branch, tag or commit ${ref}, or the beginning of an id fits several.`,
    );
  if (planned.ids.length === 0) throw new ApiError(409, 'conflict', planned.outcome);
  return getBuilds(deps.store, planned.ids);
}
