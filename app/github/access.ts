import { z } from 'zod';
import type { Repository } from '../../queue/build.ts';
import type { Access } from '../forge.ts';
import { askAs } from './ask-as.ts';

const answerSchema = z.object({
  id: z.number(),
  permissions: z.object({ push: z.boolean().optional(), admin: z.boolean().optional() }).optional(),
});

/**
 * What the bearer of a GitHub token may do with a repository, by GitHub's own answer. The
 * repository's id must be the one we know: a name may belong to somebody else by now. Throws if
 * GitHub does not answer.
 */
export async function gitHubAccess(
  apiUrl: string,
  repository: Repository,
  token: string,
): Promise<Access> {
  const data = await repositoryAs(apiUrl, repository.fullName, token);
  if (data === null) return 'none';
  const { id, permissions } = answerSchema.parse(data);
  if (id !== repository.id) return 'none';
  return permissions?.push || permissions?.admin ? 'write' : 'read';
}

/**
 * What GitHub tells the bearer of a token of a repository, or null, also for what is no `owner/name`
 * and would be another path. Throws if it does not answer.
 */
export async function repositoryAs(
  apiUrl: string,
  fullName: string,
  token: string,
): Promise<unknown> {
  if (!/^(?!\.{1,2}\/)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/.test(fullName)) return null;
  const answer = await askAs(`${apiUrl}/repos/${fullName}`, token);
  return answer.ok ? answer.json() : null;
}
