import type { Repository } from '../../queue/build.ts';
import { findRepository, saveRepository } from '../../queue/repositories.ts';
import type { Access } from '../forge.ts';
import type { WebDeps } from '../web-deps.ts';
import { mayNotWrite, notFound } from './api-error.ts';

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

/** A repository for somebody who may write to it; `needed` is told to who may only read. Throws ApiErrors. */
export async function writableRepository(
  deps: WebDeps,
  token: string | null,
  fullName: string,
  needed: string,
): Promise<Repository> {
  const found = await repositoryFor(deps, token, fullName);
  if (!found) throw notFound(`repository ${fullName}`);
  if (found.access === 'write') return found.repository;
  throw mayNotWrite(token, needed);
}
