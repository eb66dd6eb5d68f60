import type { ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import { AccessEnded } from '../forge.ts';
import { installationOf } from './installation-of.ts';
import { isMissing, presentInstallation } from './present-installation.ts';

/**
 * A token for the contents of a repository and `others`, by their ids. `octokit` speaks for the App
 * itself. A repository that has another owner by now is found there. Throws AccessEnded where it is
 * gone or was taken away from the App.
 */
export async function checkoutToken(
  octokit: ProbotOctokit,
  repository: Repository,
  others: number[],
): Promise<string> {
  const known = installationOf(repository);
  const ask = async (installation_id: number): Promise<string> => {
    const { data } = await octokit.rest.apps.createInstallationAccessToken({
      installation_id,
      repository_ids: [repository.id, ...others],
      permissions: { contents: 'read' },
    });
    return data.token;
  };
  try {
    return await ask(known);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const present = await presentInstallation(octokit, repository);
    if (present?.id === known) throw error;
    if (present) return ask(present.id);
    const text = `${repository.fullName} is gone, or the GitHub App is no longer installed on it.`;
    throw new AccessEnded(text, { cause: error });
  }
}
