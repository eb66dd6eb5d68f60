import type { ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import { AccessEnded, type Commit, type PullHead } from '../forge.ts';

/** GitHub lists no more files of a comparison (https://docs.github.com/en/rest/commits/commits#compare-two-commits). */
const mostFiles = 300;

/** What kind of thing is at a path at a commit, its text if it is a file, its object's id; null if nothing is. */
export async function contentAt(
  octokit: ProbotOctokit,
  repository: Repository,
  sha: string,
  path: string,
): Promise<{ type: string; text: string; sha: string } | null> {
  const data = await orNull(repository, async () => {
    const answer = await octokit.rest.repos.getContent({ ...nameOf(repository), path, ref: sha });
    return answer.data;
  });
  if (data === null) return null;
  if (Array.isArray(data)) return { type: 'dir', text: '', sha: '' };
  const text = 'content' in data ? Buffer.from(data.content, 'base64').toString('utf8') : '';
  return { type: data.type, text, sha: data.sha };
}

/** The commit that a branch, tag or commit id stands for; null if there is none. */
export async function commitAt(
  octokit: ProbotOctokit,
  repository: Repository,
  name: string,
): Promise<Commit | null> {
  const found = await fullRef(octokit, repository, name);
  const data = await orNull(repository, async () => {
    const ref = found ?? name;
    const answer = await octokit.rest.repos.getCommit({
      ...nameOf(repository),
      ref: ref.replace(/^refs\//, ''),
    });
    return answer.data;
  });
  if (data === null) return null;
  const { author, committer, message } = data.commit;
  return {
    sha: data.sha,
    ref: found,
    message,
    author: author?.name ?? '',
    committedAt: committer?.date ?? new Date().toISOString(),
  };
}

/** Whether a name, full or short, is a branch's or else a tag's; null for a commit id. */
async function fullRef(
  octokit: ProbotOctokit,
  repository: Repository,
  name: string,
): Promise<string | null> {
  if (/^[0-9a-f]{40}$/.test(name)) return null;
  const candidates = /^refs\/(heads|tags)\//.test(name)
    ? [name]
    : [`refs/heads/${name}`, `refs/tags/${name}`];
  for (const candidate of candidates) {
    if (await refAt(octokit, repository, candidate)) return candidate;
  }
  return null;
}

/** What a full ref points at, and of what kind that is; null if it is not there. */
export async function refAt(
  octokit: ProbotOctokit,
  repository: Repository,
  ref: string,
): Promise<{ sha: string; type: string } | null> {
  const data = await orNull(repository, async () => {
    const short = ref.replace(/^refs\//, '');
    return (await octokit.rest.git.getRef({ ...nameOf(repository), ref: short })).data;
  });
  return data?.ref === ref ? data.object : null;
}

/** The head of an open pull request; null if there is none of that number. */
export async function pullRequestAt(
  octokit: ProbotOctokit,
  repository: Repository,
  number: number,
): Promise<PullHead | null> {
  const data = await orNull(repository, async () => {
    return (await octokit.rest.pulls.get({ ...nameOf(repository), pull_number: number })).data;
  });
  if (data?.state !== 'open') return null;
  // The head of a repository that was deleted is a stranger's as well.
  const isFork = data.head.repo?.id !== repository.id;
  return { sha: data.head.sha, baseRef: data.base.ref, isFork };
}

/** The paths that differ, old names included; null when GitHub does not tell all of them. */
export async function changedBetween(
  octokit: ProbotOctokit,
  repository: Repository,
  base: string,
  head: string,
): Promise<string[] | null> {
  const data = await orNull(repository, async () => {
    const basehead = `${base}...${head}`;
    const answer = await octokit.rest.repos.compareCommitsWithBasehead({
      ...nameOf(repository),
      basehead,
    });
    return answer.data;
  });
  const isCommit = /^[0-9a-f]{40}$/.test(base);
  // Behind or diverged means that the ref was forced elsewhere; a branch's merge base is enough.
  if (!data || (isCommit && !['ahead', 'identical'].includes(data.status))) return null;
  const files = data.files ?? [];
  if (files.length >= mostFiles) return null;
  return files.flatMap(({ filename, previous_filename: old }) =>
    old ? [filename, old] : filename,
  );
}

/** Null for what is not there. Throws AccessEnded where the installation itself is gone. */
export async function orNull<T>(repository: Repository, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    const { status, request } = error as { status?: number; request?: { url?: string } };
    // 422 is GitHub's answer for something that is no commit.
    if (status !== 404 && status !== 422) throw error;
    // The token, which Octokit asks for before each request, could not be had.
    if (!/\/access_tokens$/.test(request?.url ?? '')) return null;
    throw new AccessEnded(`The GitHub App is no longer installed on ${repository.fullName}.`, {
      cause: error,
    });
  }
}

/** A repository's name as Octokit wants it. */
export function nameOf({ fullName }: Pick<Repository, 'fullName'>): {
  owner: string;
  repo: string;
} {
  const [owner = '', repo = ''] = fullName.split('/');
  return { owner, repo };
}
