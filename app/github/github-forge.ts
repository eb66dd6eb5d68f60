import type { Probot } from 'probot';
import type { Repository } from '../../queue/build.ts';
import type { GitHubConfig } from '../../queue/config.ts';
import type { Access, Forge } from '../forge.ts';
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
        if ((error as { status?: number }).status === 404) return false;
        throw error;
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
  throw new Error(`The GitHub App is not installed on ${fullName}.`);
}

function nameOf({ fullName }: Repository): { owner: string; repo: string } {
  const [owner = '', repo = ''] = fullName.split('/');
  return { owner, repo };
}
