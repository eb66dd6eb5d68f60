import { apiUrl, nodeId, simpleUser } from './account-shape.ts';
import { objectType, resolveCommit } from './git-read.ts';
import type { Status } from './records.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { ok, paged } from './route.ts';
import type { RepositoryState, World } from './world.ts';
import { accountOf, fullName, isoTime, newId } from './world.ts';

const statusShape = (world: World, status: Status) => {
  const bot = accountOf(world, 'slipway[bot]', 'User');
  return {
    url: `${apiUrl(world)}/repos/${fullName(status.repository)}/statuses/${status.sha}`,
    avatar_url: `${world.origin}/avatars/u/${bot.id}`,
    id: status.id,
    node_id: nodeId('Status', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: isoTime(status.createdAt),
    updated_at: isoTime(status.createdAt),
    creator: simpleUser(world, bot),
  };
};

const createStatus = async ({ world, params, body }: Call, repository: RepositoryState) => {
  const { sha = '' } = params;
  const known =
    /^[0-9a-f]{40}$/.test(sha) && (await objectType(repository.folder, sha)) === 'commit';
  if (!known) throw new Refusal(422, `No commit found for SHA: ${sha}`);
  const { description = null, target_url: targetUrl = null } = body as {
    description?: string | null;
    target_url?: string | null;
  };
  if (description !== null && description.length > 140) {
    throw new Refusal(
      422,
      'Validation Failed: description is too long (maximum is 140 characters)',
    );
  }
  const status: Status = {
    id: newId(world),
    repository,
    sha,
    state: String(body.state),
    context: String(body.context ?? 'default'),
    description,
    targetUrl,
    createdAt: Date.now(),
  };
  world.statuses.push(status);
  return { status: 201, body: statusShape(world, status) };
};

const listStatuses = async (call: Call, repository: RepositoryState) => {
  const { world, params } = call;
  const sha = await resolveCommit(repository.folder, params.ref ?? '');
  if (!sha) throw notFound();
  const all = world.statuses
    .filter((status) => status.repository === repository && status.sha === sha)
    .reverse();
  const url = `${apiUrl(world)}/repos/${fullName(repository)}/commits/${params.ref}/statuses`;
  const { items, headers } = paged(call, url, all);
  return ok(
    items.map((status) => statusShape(world, status)),
    headers,
  );
};

/** Commit statuses. */
export const statusRoutes: readonly Route[] = [
  {
    operation: 'POST /repos/{owner}/{repo}/statuses/{sha}',
    needs: ['statuses', 'write'],
    handle: createStatus,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/commits/{ref}/statuses',
    needs: ['statuses', 'read'],
    handle: listStatuses,
  },
];
