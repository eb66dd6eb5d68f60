import type { ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import { repositoryOf, repositorySchema } from '../webhook/payload.ts';
import { repositoryAs } from './access.ts';
import type { Ask } from './ask-as.ts';
import { presentInstallation } from './present-installation.ts';

/**
 * A repository of which no event has told yet: it has to be one that the bearer of the token can
 * read, by GitHub's word, and that the App, as which `octokit` asks, is installed on.
 */
export async function installedRepository(
  octokit: ProbotOctokit,
  ask: Ask,
  apiUrl: string,
  fullName: string,
  token: string,
): Promise<Repository | null> {
  const data = await repositoryAs(ask, apiUrl, fullName, token);
  if (data === null) return null;
  const repository = repositorySchema.parse(data);
  // The name may be an old one, or written otherwise.
  const installation = await presentInstallation(octokit, { fullName: repository.full_name });
  if (!installation || installation.suspended_at) return null;
  return repositoryOf({ repository, installation });
}
