import type { Probot, ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import { AccessEnded } from '../forge.ts';
import type { Installed, RefHead } from '../sweep/installed.ts';
import { repositoryOf, secondsOf } from '../webhook/payload.ts';
import { allOf, once } from './pages.ts';
import { nameOf } from './read-repository.ts';

type Spend = () => Promise<void>;

/** GitHub's installations, repositories and refs; `spend` is called before each request. */
export function gitHubInstalled(probot: Probot, spend: Spend): Installed {
  const clientFor = ({ installationId, fullName }: Repository) => {
    if (installationId !== null) return probot.auth(installationId);
    throw new AccessEnded(`The GitHub App is not installed on ${fullName}.`);
  };
  return {
    async repositories(installationId) {
      const ids = installationId === null ? await installations(probot, spend) : [installationId];
      const all: Repository[] = [];
      for (const id of ids) all.push(...(await repositoriesOf(await probot.auth(id), id, spend)));
      return all;
    },

    async refs(repository) {
      const octokit = await clientFor(repository);
      const heads = new Map<string, RefHead>();
      for (const ref of ['heads/', 'tags/']) {
        const wanted = { ...nameOf(repository), ref, ...once };
        const pages = octokit.paginate.iterator(octokit.rest.git.listMatchingRefs, wanted);
        const found = await unlessGone(() => allOf(pages, spend));
        if (!found) throw new AccessEnded(`${repository.fullName} is not there, or is empty.`);
        for (const { ref: name, object } of found) heads.set(name, object);
      }
      return heads;
    },

    async lastPush(repository) {
      const octokit = await clientFor(repository);
      await spend();
      const { data } = await octokit.rest.repos.get({ ...nameOf(repository), ...once });
      const installation = { id: repository.installationId ?? 0 };
      const now = repositoryOf({ repository: data, installation });
      return { repository: now, pushedAt: secondsOf(data.pushed_at) };
    },

    movedAt: null,

    async commit(repository, head) {
      const octokit = await clientFor(repository);
      const sha = await commitOf(octokit, repository, head, spend);
      if (sha === null) return null;
      await spend();
      const wanted = { ...nameOf(repository), ref: sha, ...once };
      const { author, committer, message } = (await octokit.rest.repos.getCommit(wanted)).data
        .commit;
      const committedAt = committer?.date ?? new Date().toISOString();
      return { sha, message, author: author?.name ?? '', committedAt };
    },

    async follows(repository, base, head) {
      const octokit = await clientFor(repository);
      await spend();
      const wanted = { ...nameOf(repository), basehead: `${base}...${head}`, ...once };
      try {
        const { data } = await octokit.rest.repos.compareCommitsWithBasehead(wanted);
        return data.status === 'ahead' || data.status === 'identical';
      } catch (error) {
        // A commit that nothing leads to any more is gone one day.
        if ((error as { status?: number }).status === 404) return false;
        throw error;
      }
    },
  };
}

async function installations(probot: Probot, spend: Spend): Promise<number[]> {
  const octokit = await probot.auth();
  const wanted = { per_page: 100, ...once };
  const pages = octokit.paginate.iterator(octokit.rest.apps.listInstallations, wanted);
  const all = await allOf(pages, spend);
  return all.filter(({ suspended_at: since }) => !since).map(({ id }) => id);
}

async function repositoriesOf(octokit: ProbotOctokit, id: number, spend: Spend) {
  const wanted = { per_page: 100, ...once };
  const list = octokit.rest.apps.listReposAccessibleToInstallation;
  const pages = octokit.paginate.iterator(list, wanted);
  // It may be suspended or removed since it was listed.
  const found = (await unlessGone(() => allOf(pages, spend))) ?? [];
  return found.map((repository) => repositoryOf({ repository, installation: { id } }));
}

/** An annotated tag may be one of a tag. */
async function commitOf(
  octokit: ProbotOctokit,
  repository: Repository,
  head: RefHead,
  spend: Spend,
): Promise<string | null> {
  let object = head;
  while (object.type === 'tag') {
    await spend();
    const wanted = { ...nameOf(repository), tag_sha: object.sha, ...once };
    object = (await octokit.rest.git.getTag(wanted)).data.object;
  }
  return object.type === 'commit' ? object.sha : null;
}

/** Null for what is gone, taken away, empty or blocked. */
async function unlessGone<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    const { status = 0, message } = error as { status?: number; message: string };
    if ([404, 409, 451].includes(status)) return null;
    // 403 is what GitHub answers where too much was asked, too.
    if (status === 403 && /suspended|not accessible|access blocked/i.test(message)) return null;
    throw error;
  }
}
