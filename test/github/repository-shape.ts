import { apiUrl, nodeId, permissionSwitches, simpleUser } from './account-shape.ts';
import type { Access, RepositoryState, World } from './world.ts';
import { fullName, isoTime } from './world.ts';

const license = (world: World, spdx: string) => ({
  key: spdx.toLowerCase(),
  name: `${spdx} License`,
  spdx_id: spdx,
  url: `${apiUrl(world)}/licenses/${spdx.toLowerCase()}`,
  node_id: nodeId('License', spdx.length),
});

const urls = (world: World, repository: RepositoryState) => {
  const name = fullName(repository);
  const url = `${apiUrl(world)}/repos/${name}`;
  const { host } = new URL(world.origin);
  return {
    html_url: `${world.origin}/${name}`,
    url,
    forks_url: `${url}/forks`,
    keys_url: `${url}/keys{/key_id}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    teams_url: `${url}/teams`,
    hooks_url: `${url}/hooks`,
    issue_events_url: `${url}/issues/events{/number}`,
    events_url: `${url}/events`,
    assignees_url: `${url}/assignees{/user}`,
    branches_url: `${url}/branches{/branch}`,
    tags_url: `${url}/tags`,
    blobs_url: `${url}/git/blobs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    trees_url: `${url}/git/trees{/sha}`,
    statuses_url: `${url}/statuses/{sha}`,
    languages_url: `${url}/languages`,
    stargazers_url: `${url}/stargazers`,
    contributors_url: `${url}/contributors`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    commits_url: `${url}/commits{/sha}`,
    git_commits_url: `${url}/git/commits{/sha}`,
    comments_url: `${url}/comments{/number}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    contents_url: `${url}/contents/{+path}`,
    compare_url: `${url}/compare/{base}...{head}`,
    merges_url: `${url}/merges`,
    archive_url: `${url}/{archive_format}{/ref}`,
    downloads_url: `${url}/downloads`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    labels_url: `${url}/labels{/name}`,
    releases_url: `${url}/releases{/id}`,
    deployments_url: `${url}/deployments`,
    git_url: `git://${host}/${name}.git`,
    ssh_url: `git@${host}:${name}.git`,
    clone_url: `${world.origin}/${name}.git`,
    svn_url: `${world.origin}/${name}`,
    mirror_url: null,
  };
};

/** A repository as the API and most webhooks show it. */
export const repositoryShape = (world: World, repository: RepositoryState) => ({
  id: repository.id,
  node_id: nodeId('Repository', repository.id),
  name: repository.name,
  full_name: fullName(repository),
  private: repository.private,
  owner: simpleUser(world, repository.owner),
  description: repository.description,
  fork: repository.fork,
  ...urls(world, repository),
  created_at: isoTime(repository.createdAt),
  updated_at: isoTime(repository.pushedAt),
  pushed_at: isoTime(repository.pushedAt),
  homepage: null,
  size: 1,
  stargazers_count: 0,
  watchers_count: 0,
  language: null,
  has_issues: true,
  has_projects: true,
  has_downloads: true,
  has_wiki: true,
  has_pages: false,
  has_discussions: false,
  forks_count: 0,
  archived: repository.archived,
  disabled: false,
  open_issues_count: 0,
  license: repository.license === null ? null : license(world, repository.license),
  allow_forking: true,
  is_template: false,
  web_commit_signoff_required: false,
  topics: [],
  visibility: repository.private ? 'private' : 'public',
  forks: 0,
  open_issues: 0,
  watchers: 0,
  default_branch: repository.defaultBranch,
});

/** The answer of `GET /repos/{owner}/{repo}`; `access` is told to people only. */
export const fullRepository = (world: World, repository: RepositoryState, access?: Access) => ({
  ...repositoryShape(world, repository),
  temp_clone_token: null,
  network_count: 0,
  subscribers_count: 0,
  ...(repository.owner.type === 'Organization'
    ? { organization: simpleUser(world, repository.owner) }
    : {}),
  ...(access ? { permissions: permissionSwitches(access) } : {}),
});

/** A repository as a `push` shows it: times of creation and push are whole seconds. */
export const pushedRepository = (world: World, repository: RepositoryState) => {
  const shape = repositoryShape(world, repository);
  const { login: name, email, type } = repository.owner;
  return {
    ...shape,
    url: shape.html_url,
    owner: { name, email, ...shape.owner },
    created_at: Math.floor(repository.createdAt / 1000),
    pushed_at: Math.floor(repository.pushedAt / 1000),
    stargazers: 0,
    master_branch: repository.defaultBranch,
    ...(type === 'Organization' ? { organization: name } : {}),
    custom_properties: {},
  };
};

/** A repository as webhooks about installations list it. */
export const listedRepository = (repository: RepositoryState) => ({
  id: repository.id,
  node_id: nodeId('Repository', repository.id),
  name: repository.name,
  full_name: fullName(repository),
  private: repository.private,
});
