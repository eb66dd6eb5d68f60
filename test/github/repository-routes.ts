import { accessOf, canSee } from './access.ts';
import { apiUrl, permissionSwitches, simpleUser } from './account-shape.ts';
import { commitShape, fileShape } from './commit-shape.ts';
import { gitMaybe, gitText } from './git.ts';
import { readChanges, readCommit, readCommits, refTarget, resolveCommit } from './git-read.ts';
import { notFound, Refusal } from './refusal.ts';
import { fullRepository } from './repository-shape.ts';
import type { Call, Route } from './route.ts';
import { ok } from './route.ts';
import type { RepositoryState } from './world.ts';
import { fullName } from './world.ts';

const getCommit = async ({ world, params, accept }: Call, repository: RepositoryState) => {
  const { ref = '' } = params;
  const sha = await resolveCommit(repository.folder, ref);
  if (!sha) throw new Refusal(422, `No commit found for SHA: ${ref}`);
  if (/application\/vnd\.github\.(v3\.)?sha/.test(accept)) {
    return { status: 200, raw: { bytes: Buffer.from(sha), type: 'application/vnd.github.sha' } };
  }
  const commit = await readCommit(repository.folder, sha);
  const changes = await readChanges(repository.folder, commit.parents[0] ?? null, sha);
  const sum = (key: 'additions' | 'deletions') => changes.reduce((all, one) => all + one[key], 0);
  const [additions, deletions] = [sum('additions'), sum('deletions')];
  return ok({
    ...commitShape(world, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: changes.slice(0, 300).map((change) => fileShape(world, repository, sha, change)),
  });
};

const compare = async ({ world, params }: Call, repository: RepositoryState) => {
  const { folder } = repository;
  const [baseName = '', headName = ''] = (params.basehead ?? '').split('...');
  const base = await resolveCommit(folder, baseName);
  const head = await resolveCommit(folder, headName);
  if (!base || !head) throw notFound();
  const merge = await gitMaybe(folder, ['merge-base', base, head]);
  if (!merge) throw new Refusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  const counts = await gitText(folder, [
    'rev-list',
    '--left-right',
    '--count',
    `${base}...${head}`,
  ]);
  const [behind = 0, ahead = 0] = counts.split('\t').map(Number);
  const state =
    ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
  const commits = (await readCommits(folder, [`${base}..${head}`], 250)).reverse();
  const changes = await readChanges(folder, merge, head);
  const page = `${world.origin}/${fullName(repository)}/compare/${params.basehead}`;
  const shape = async (sha: string) =>
    commitShape(world, repository, await readCommit(folder, sha));
  return ok({
    url: `${apiUrl(world)}/repos/${fullName(repository)}/compare/${params.basehead}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: await shape(base),
    merge_base_commit: await shape(merge),
    status: state,
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: commits.map((commit) => commitShape(world, repository, commit)),
    files: changes.slice(0, 300).map((change) => fileShape(world, repository, head, change)),
  });
};

const getBranch = async ({ world, params }: Call, repository: RepositoryState) => {
  const { branch = '' } = params;
  const sha = await refTarget(repository.folder, `refs/heads/${branch}`);
  if (!sha) throw new Refusal(404, 'Branch not found');
  const url = `${apiUrl(world)}/repos/${fullName(repository)}/branches/${branch}`;
  return ok({
    name: branch,
    commit: commitShape(world, repository, await readCommit(repository.folder, sha)),
    _links: { self: url, html: `${world.origin}/${fullName(repository)}/tree/${branch}` },
    protected: false,
    protection: { enabled: false },
    protection_url: `${url}/protection`,
  });
};

const permissionOf = ({ world, params }: Call, repository: RepositoryState) => {
  const person = world.people.get((params.username ?? '').toLowerCase());
  if (!person) throw notFound();
  const access = accessOf(person, repository);
  return ok({
    permission: access,
    role_name: access,
    user: {
      ...simpleUser(world, person.account),
      permissions: permissionSwitches(access),
      role_name: access,
    },
  });
};

/** The operations on one repository: itself, its commits, branches and people. */
export const repositoryRoutes: readonly Route[] = [
  {
    operation: 'GET /repos/{owner}/{repo}',
    needs: ['metadata', 'read'],
    handle: ({ world, caller }, repository) => {
      if (!canSee(caller, repository)) throw notFound();
      const access = caller.kind === 'user' ? accessOf(caller.person, repository) : undefined;
      return ok(fullRepository(world, repository, access));
    },
  },
  {
    operation: 'GET /repos/{owner}/{repo}/commits/{ref}',
    needs: ['contents', 'read'],
    handle: getCommit,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/compare/{basehead}',
    needs: ['contents', 'read'],
    handle: compare,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/branches/{branch}',
    needs: ['contents', 'read'],
    handle: getBranch,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
    needs: ['metadata', 'read'],
    handle: permissionOf,
  },
];
