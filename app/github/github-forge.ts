import type { Probot } from 'probot';
import type { Repository } from '../../queue/build.ts';
import type { GitHubConfig } from '../../queue/config.ts';
import { type Access, AccessEnded, type Forge } from '../forge.ts';
import { gitHubAccess } from './access.ts';
import { reportCheck } from './report-check.ts';
import { apiUrl, webUrl } from './urls.ts';

/** GitHub, github.com or an Enterprise Server, through the App that Probot stands for. */
export function gitHubForge(probot: Probot, config: GitHubConfig): Forge {
  return {
    async hasFile(repository, sha, path) {
      const octokit = await clientFor(probot, repository);
      try {
        const { data } = await octokit.rest.repos.getContent({
          ...nameOf(repository),
          path,
          ref: sha,
        });
        return !Array.isArray(data) && ['file', 'symlink'].includes(data.type);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        if (!isAboutInstallation(error)) return false;
        throw new AccessEnded(`The GitHub App is no longer installed on ${repository.fullName}.`, {
          cause: error,
        });
      }
    },

    async grantCheckout(repository) {
      const octokit = await probot.auth();
      const { data } = await octokit.rest.apps.createInstallationAccessToken({
        installation_id: installationOf(repository),
        repository_ids: [repository.id],
        permissions: { contents: 'read' },
      });
      return { url: `${webUrl(config)}/${repository.fullName}.git`, token: data.token };
    },

    async reportCheck(build, check) {
      return reportCheck(await clientFor(probot, build.repository), build, check);
    },

    async access(repository, token): Promise<Access> {
      if (token === null) return repository.private ? 'none' : 'read';
      const granted = await gitHubAccess(apiUrl(config), repository, token);
      return granted === 'none' && !repository.private ? 'read' : granted;
    },
  };
}

const clientFor = (probot: Probot, repository: Repository) =>
  probot.auth(installationOf(repository));

function installationOf({ installationId, fullName }: Repository): number {
  if (installationId !== null) return installationId;
  throw new AccessEnded(`The GitHub App is not installed on ${fullName}.`);
}

const isNotFound = (error: unknown): boolean => (error as { status?: number }).status === 404;

/** Whether it was the token that could not be had, which Octokit asks for before each request. */
const isAboutInstallation = (error: unknown): boolean =>
  /\/access_tokens$/.test((error as { request?: { url?: string } }).request?.url ?? '');

function nameOf({ fullName }: Repository): { owner: string; repo: string } {
  const [owner = '', repo = ''] = fullName.split('/');
  return { owner, repo };
}
