import type { ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import { nameOf } from './read-repository.ts';

/**
 * The installation that covers a repository now, whatever the repository's name was before; null for
 * none. `octokit` speaks for the App itself.
 */
export async function presentInstallation(
  octokit: ProbotOctokit,
  repository: Pick<Repository, 'fullName'>,
) {
  try {
    return (await octokit.rest.apps.getRepoInstallation(nameOf(repository))).data;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** GitHub's answers for what is not there, 422 for a repository that an installation does not cover. */
export const isMissing = (error: unknown): boolean =>
  [404, 422].includes((error as { status?: number }).status ?? 0);
