import { randomBytes } from 'node:crypto';
import { allows, findRepository, movedTo } from './access.ts';
import { apiUrl } from './account-shape.ts';
import { appShape, installationShape } from './app-shape.ts';
import { notFound, Refusal } from './refusal.ts';
import { repositoryShape } from './repository-shape.ts';
import type { Call, Route } from './route.ts';
import { ok, paged } from './route.ts';
import type { Installation, InstallationToken, Permissions } from './world.ts';
import { installationOf, isoTime, now } from './world.ts';

const hour = 3_600_000;

const unprocessable = (message: string): Refusal => new Refusal(422, message);

const installationById = ({ world, params }: Call): Installation => {
  const id = Number(params.installation_id);
  const found = world.installations.find((one) => one.id === id && !one.removed);
  if (!found) throw notFound();
  return found;
};

const narrowed = (installation: Installation, wanted: unknown): Permissions => {
  const permissions = (wanted as Permissions | undefined) ?? installation.permissions;
  for (const [name, level] of Object.entries(permissions)) {
    if (!allows(installation.permissions, name, level)) {
      throw unprocessable('The permissions requested are not granted to this installation.');
    }
  }
  return { ...permissions, metadata: permissions.metadata ?? 'read' };
};

const chosen = (installation: Installation, body: Record<string, unknown>): number[] | null => {
  const { repositories: names, repository_ids: ids } = body as {
    repositories?: string[];
    repository_ids?: number[];
  };
  if (!names && !ids) return null;
  const wanted = [...(ids ?? []), ...(names ?? [])];
  return wanted.map((one) => {
    const found = installation.repositories.find(({ id, name }) => id === one || name === one);
    if (found && !found.deleted) return found.id;
    throw unprocessable(
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  });
};

const createToken = (call: Call) => {
  const { world, body } = call;
  const installation = installationById(call);
  if (installation.suspended) throw new Refusal(403, 'This installation has been suspended');
  const token: InstallationToken = {
    token: `ghs_${randomBytes(387).toString('base64url')}`,
    installation,
    repositoryIds: chosen(installation, body),
    permissions: narrowed(installation, body.permissions),
    expiresAt: now(world) + hour,
  };
  world.installationTokens.set(token.token, token);
  const { repositoryIds } = token;
  const some = installation.repositories.filter(({ id }) => repositoryIds?.includes(id));
  return {
    status: 201,
    body: {
      token: token.token,
      expires_at: isoTime(token.expiresAt),
      permissions: token.permissions,
      repository_selection: 'selected',
      ...(repositoryIds ? { repositories: some.map((one) => repositoryShape(world, one)) } : {}),
    },
  };
};

const listRepositories = (call: Call) => {
  const { world, caller } = call;
  if (caller.kind !== 'installation') throw notFound();
  const { installation, repositoryIds } = caller.token;
  const all = installation.repositories.filter(
    (one) => !one.deleted && (repositoryIds === null || repositoryIds.includes(one.id)),
  );
  const { items, headers } = paged(call, `${apiUrl(world)}/installation/repositories`, all);
  const repositories = items.map((one) => repositoryShape(world, one));
  return ok({ total_count: all.length, repository_selection: 'selected', repositories }, headers);
};

/** The operations of the App itself: its registration, installations and tokens. */
export const appRoutes: readonly Route[] = [
  { operation: 'GET /app', needs: 'app', handle: ({ world }) => ok(appShape(world)) },
  {
    operation: 'GET /app/installations',
    needs: 'app',
    handle: (call) => {
      const all = call.world.installations.filter((one) => !one.removed);
      const { items, headers } = paged(call, `${apiUrl(call.world)}/app/installations`, all);
      return ok(
        items.map((one) => installationShape(call.world, one)),
        headers,
      );
    },
  },
  {
    operation: 'GET /app/installations/{installation_id}',
    needs: 'app',
    handle: (call) => ok(installationShape(call.world, installationById(call))),
  },
  {
    operation: 'POST /app/installations/{installation_id}/access_tokens',
    needs: 'app',
    handle: createToken,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/installation',
    needs: 'app',
    handle: ({ world, params }) => {
      const found = findRepository(world, params.owner ?? '', params.repo ?? '');
      if (found?.moved) throw movedTo(world, found.repository, '/installation', 301);
      const installation = found && installationOf(world, found.repository);
      if (!installation) throw notFound();
      return ok(installationShape(world, installation));
    },
  },
  { operation: 'GET /installation/repositories', needs: 'installation', handle: listRepositories },
];
