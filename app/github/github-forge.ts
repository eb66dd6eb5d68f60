import { LRUCache } from 'lru-cache';
import type { Probot } from 'probot';
import type { Repository } from '../../queue/build.ts';
import type { GitHubConfig } from '../../queue/config.ts';
import type { Access, Forge } from '../forge.ts';
import { repositoryOf } from '../webhook/payload.ts';
import { gitHubAccess } from './access.ts';
import { askedPause } from './asked-pause.ts';
import { checkoutToken } from './checkout-token.ts';
import { installationOf } from './installation-of.ts';
import { installedRepository } from './installed-repository.ts';
import { postCheck } from './post-check.ts';
import { presentInstallation } from './present-installation.ts';
import { privateSubmodules } from './private-submodules.ts';
import {
  changedBetween,
  commitAt,
  contentAt,
  nameOf,
  orNull,
  pullRequestAt,
  refAt,
} from './read-repository.ts';
import { rememberRefusals } from './remember-refusals.ts';
import { openChecks, reportCheck } from './report-check.ts';
import { sharedRepositories } from './shared-repositories.ts';
import { apiUrl, webUrl } from './urls.ts';

/**
 * GitHub, github.com or an Enterprise Server, through the App that Probot stands for. With
 * `publicBuilds` everybody may read what is public.
 */
export function gitHubForge(
  probot: Probot,
  config: GitHubConfig,
  { publicBuilds }: { publicBuilds: boolean },
): Forge {
  const ask = rememberRefusals();
  const tokens = new LRUCache<string, string>({ max: 1_000, ttl: tokenReuse });
  return {
    async hasFile(repository, sha, path) {
      const content = await contentAt(await clientFor(probot, repository), repository, sha, path);
      return content !== null && ['file', 'symlink'].includes(content.type);
    },

    async readFile(repository, sha, path) {
      const content = await contentAt(await clientFor(probot, repository), repository, sha, path);
      if (content === null || content.type === 'file') return content?.text ?? null;
      return { noFile: otherKinds[content.type] ?? 'folder' };
    },

    async covers(repository) {
      const installation = await presentInstallation(await probot.auth(), repository);
      return installation !== null && !installation.suspended_at;
    },

    async present(repository) {
      const installation = { id: installationOf(repository) };
      const octokit = await clientFor(probot, repository);
      return orNull(repository, async () => {
        const { data } = await octokit.rest.repos.get(nameOf(repository));
        return data.id === repository.id ? repositoryOf({ repository: data, installation }) : null;
      });
    },

    async findRepository(fullName, token) {
      return installedRepository(await probot.auth(), ask, apiUrl(config), fullName, token);
    },

    async head(repository, ref) {
      return (await refAt(await clientFor(probot, repository), repository, ref))?.sha ?? null;
    },

    async commit(repository, ref) {
      return commitAt(await clientFor(probot, repository), repository, ref);
    },

    async changedFiles(repository, base, head) {
      return changedBetween(await clientFor(probot, repository), repository, base, head);
    },

    async pullRequest(repository, number) {
      return pullRequestAt(await clientFor(probot, repository), repository, number);
    },

    async permission(repository, username): Promise<Access> {
      const octokit = await clientFor(probot, repository);
      const data = await orNull(repository, async () => {
        const name = { ...nameOf(repository), username };
        return (await octokit.rest.repos.getCollaboratorPermissionLevel(name)).data;
      });
      if (data === null) return 'none';
      return ['admin', 'write'].includes(data.permission) ? 'write' : 'read';
    },

    async postCheck(repository, sha, note) {
      await postCheck(await clientFor(probot, repository), repository, sha, note);
    },

    async grantCheckout(repository, { submodulesOf: sha, isAnew }) {
      const url = `${webUrl(config)}/${repository.fullName}.git`;
      const submodules =
        sha === null
          ? []
          : await privateSubmodules(await clientFor(probot, repository), repository, sha, url);
      // A repository that was given away keeps its id, and its old owner's tokens read it no more.
      const key = `${repository.installationId} ${repository.id}`;
      const known = submodules.length === 0 && !isAnew ? tokens.get(key) : undefined;
      if (known) return { url, token: known };
      const token = await checkoutToken(await probot.auth(), repository, submodules);
      if (submodules.length === 0) tokens.set(key, token);
      return { url, token };
    },

    async reportCheck(build, check, beforeNew) {
      return reportCheck(await clientFor(probot, build.repository), build, check, beforeNew);
    },

    async openChecks(build, name) {
      return openChecks(await clientFor(probot, build.repository), build, name);
    },

    askedPause: (error) => askedPause(error, Date.now()),

    async access(repository, token): Promise<Access> {
      const strangers = publicBuilds && !repository.private ? 'read' : 'none';
      if (token === null) return strangers;
      return (await gitHubAccess(ask, apiUrl(config), repository, token)) ?? strangers;
    },

    sharedWith: (token) => sharedRepositories(ask, apiUrl(config), token),
  };
}

/** For how much of its hour a token is given to other builds of its repository too, in ms. */
const tokenReuse = 30 * 60_000;

/** What is no file, by GitHub's word for it. */
const otherKinds: Record<string, 'link' | 'submodule'> = {
  symlink: 'link',
  submodule: 'submodule',
};

const clientFor = (probot: Probot, repository: Repository) =>
  probot.auth(installationOf(repository));
