import { z } from 'zod';
import type { Repository } from '../../queue/build.ts';
import type { Access } from '../forge.ts';
import type { Ask } from './ask-as.ts';

const answerSchema = z.object({
  id: z.number(),
  permissions: z.object({ push: z.boolean().optional(), admin: z.boolean().optional() }).optional(),
});

/**
 * What the bearer of a GitHub token may do with a repository, by GitHub's own answer; null where
 * GitHub takes no such token, which says nothing of the repository. The repository's id must be the
 * one we know: a name may belong to somebody else by now. Throws if GitHub does not answer.
 */
export async function gitHubAccess(
  ask: Ask,
  apiUrl: string,
  repository: Repository,
  token: string,
): Promise<Access | null> {
  const answer = await askForRepository(ask, apiUrl, repository.fullName, token);
  if (answer === null || answer.status === 404) return 'none';
  if (!answer.ok) return null;
  const { id, permissions } = answerSchema.parse(await answer.json());
  if (id !== repository.id) return 'none';
  return permissions?.push || permissions?.admin ? 'write' : 'read';
}

/** What GitHub tells the bearer of a token of a repository, or null. Throws if it does not answer. */
export async function repositoryAs(
  ask: Ask,
  apiUrl: string,
  fullName: string,
  token: string,
): Promise<unknown> {
  const answer = await askForRepository(ask, apiUrl, fullName, token);
  return answer?.ok ? answer.json() : null;
}

/** Null for what is no `owner/name`, and would be another path. */
async function askForRepository(
  ask: Ask,
  apiUrl: string,
  fullName: string,
  token: string,
): Promise<Response | null> {
  if (!/^(?!\.{1,2}\/)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/.test(fullName)) return null;
  return ask(`${apiUrl}/repos/${fullName}`, token);
}
