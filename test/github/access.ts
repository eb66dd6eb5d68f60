import { apiUrl } from './account-shape.ts';
import type { Caller } from './caller.ts';
import { notFound, Refusal } from './refusal.ts';
import type {
  Access,
  InstallationToken,
  Permissions,
  Person,
  RepositoryState,
  World,
} from './world.ts';
import { fullName } from './world.ts';

const ranks = { none: 0, read: 1, write: 2, admin: 3 };

/** Whether permissions include one at a level or above; `metadata: read` is always there. */
export const allows = (permissions: Permissions, name: string, level: string): boolean => {
  const given = permissions[name] ?? (name === 'metadata' ? 'read' : 'none');
  return ranks[given as Access] >= ranks[level as Access];
};

/** What a person may do in a repository; anyone may read a public one. */
export const accessOf = (person: Person, repository: RepositoryState): Access => {
  if (person.account === repository.owner) return 'admin';
  const names = [fullName(repository), ...repository.oldNames].map((name) => name.toLowerCase());
  for (const [name, access] of Object.entries(person.access)) {
    if (names.includes(name.toLowerCase()) && access !== 'none') return access;
  }
  return repository.private ? 'none' : 'read';
};

/** Whether more than its being public lets a person at a repository. */
export const isOwnOf = (person: Person, repository: RepositoryState): boolean =>
  accessOf(person, { ...repository, private: true }) !== 'none';

/** The repository of that name in any case; `moved` when only an earlier name matches. */
export const findRepository = (
  world: World,
  owner: string,
  name: string,
): { repository: RepositoryState; moved: boolean } | undefined => {
  const wanted = `${owner}/${name}`.toLowerCase();
  const alive = world.repositories.filter((one) => !one.deleted);
  const exact = alive.find((one) => fullName(one).toLowerCase() === wanted);
  if (exact) return { repository: exact, moved: false };
  const old = alive.find((one) => one.oldNames.some((was) => was.toLowerCase() === wanted));
  return old && { repository: old, moved: true };
};

/** The redirect from an earlier name; `rest` is what follows the repository in the path. */
export const movedTo = (
  world: World,
  repository: RepositoryState,
  rest: string,
  status: 301 | 307,
): Refusal => {
  const url = `${apiUrl(world)}/repositories/${repository.id}${rest}`;
  return new Refusal(status, 'Moved Permanently', { headers: { location: url }, body: { url } });
};

const covers = (token: InstallationToken, repository: RepositoryState): boolean =>
  token.installation.repositories.includes(repository) &&
  (token.repositoryIds === null || token.repositoryIds.includes(repository.id));

/** Whether a caller may know that a repository exists; throws for unusable credentials. */
export const canSee = (caller: Caller, repository: RepositoryState): boolean => {
  if (caller.kind === 'invalid') throw new Refusal(401, caller.message);
  if (caller.kind === 'installation') {
    if (caller.token.installation.suspended) {
      throw new Refusal(403, 'This installation has been suspended');
    }
    return covers(caller.token, repository) || !repository.private;
  }
  if (caller.kind === 'user') return accessOf(caller.person, repository) !== 'none';
  return !repository.private;
};

/**
 * Throws GitHub's refusal if the caller may not use a permission on a repository: 401 for bad or
 * missing credentials, 404 where it may not know the repository, 403 where it may.
 */
export const demand = (
  caller: Caller,
  repository: RepositoryState,
  permission: string,
  level: 'read' | 'write',
): void => {
  if (!canSee(caller, repository)) throw notFound();
  const refused = new Refusal(403, 'Resource not accessible by integration');
  if (caller.kind === 'app') {
    throw new Refusal(401, 'A JSON web token could not be decoded');
  }
  if (caller.kind === 'installation') {
    const covered = covers(caller.token, repository);
    if (!covered && level === 'write') throw refused;
    if (covered && !allows(caller.token.permissions, permission, level)) throw refused;
    return;
  }
  if (level === 'read') return;
  if (caller.kind === 'none') throw new Refusal(401, 'Requires authentication');
  if (permission === 'checks') {
    throw new Refusal(403, 'You must authenticate via a GitHub App.');
  }
  if (caller.kind === 'user' && ranks[accessOf(caller.person, repository)] < ranks.write) {
    throw notFound();
  }
};
