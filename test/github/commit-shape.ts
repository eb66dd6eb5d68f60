import { apiUrl, nodeId } from './account-shape.ts';
import type { Commit, FileChange } from './git-read.ts';
import type { RepositoryState, World } from './world.ts';
import { fullName } from './world.ts';

const utc = (date: string): string => new Date(date).toISOString().replace(/\.\d+Z$/, 'Z');

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** A commit as the API shows it, without its files. */
export const commitShape = (world: World, repository: RepositoryState, commit: Commit) => {
  const name = fullName(repository);
  const url = `${apiUrl(world)}/repos/${name}`;
  const page = (sha: string) => `${world.origin}/${name}/commit/${sha}`;
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', repository.id),
    commit: {
      author: { ...commit.author, date: utc(commit.author.date) },
      committer: { ...commit.committer, date: utc(commit.committer.date) },
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: {
        verified: false,
        reason: 'unsigned',
        signature: null,
        payload: null,
        verified_at: null,
      },
    },
    url: `${url}/commits/${commit.sha}`,
    html_url: page(commit.sha),
    comments_url: `${url}/commits/${commit.sha}/comments`,
    author: null,
    committer: null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: page(sha),
    })),
  };
};

/** A changed file as the API shows it, without the patch. */
export const fileShape = (
  world: World,
  repository: RepositoryState,
  sha: string,
  change: FileChange,
) => {
  const name = fullName(repository);
  const path = encoded(change.path);
  return {
    sha: change.status === 'removed' ? null : change.sha,
    filename: change.path,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${world.origin}/${name}/blob/${sha}/${path}`,
    raw_url: `${world.origin}/${name}/raw/${sha}/${path}`,
    contents_url: `${apiUrl(world)}/repos/${name}/contents/${path}?ref=${sha}`,
    ...(change.previous === null ? {} : { previous_filename: change.previous }),
  };
};

/** A commit as a `push` shows it. */
export const pushedCommit = (world: World, repository: RepositoryState, commit: Commit) => {
  const person = ({ name, email }: { name: string; email: string }) => ({
    name,
    email,
    username: name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
  });
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${world.origin}/${fullName(repository)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: commit.added,
    removed: commit.removed,
    modified: commit.modified,
  };
};
