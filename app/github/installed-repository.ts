import type { ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import { repositoryOf, repositorySchema } from '../webhook/payload.ts';
import { repositoryAs } from './access.ts';

/**
 * A repository of which no event has told yet: it has to be one that the bearer of the token can
 * read, by GitHub's word, and that the App, as which `octokit` asks, is installed on.
 */
export async function installedRepository(
  octokit: ProbotOctokit,
  apiUrl: string,
  fullName: string,
  token: string,
): Promise<Repository | null> {
  const data = await repositoryAs(apiUrl, fullName, token);
  if (data === null) return null;
  const repository = repositorySchema.parse(data);
  // The name may be an old one, or written otherwise.
  const [owner = '', repo = ''] = repository.full_name.split('/');
  try {
    const { data: installation } = await octokit.rest.apps.getRepoInstallation({ owner, repo });
    return installation.suspended_at ? null : repositoryOf({ repository, installation });
  } catch (error) {
    if ((error as { status?: number }).status === 404) return null;
    throw error;
  }
}
