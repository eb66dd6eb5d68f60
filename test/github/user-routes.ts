import { isOwnOf } from './access.ts';
import { apiUrl, signedInUser } from './account-shape.ts';
import { appShape, installationShape } from './app-shape.ts';
import { notFound, Refusal } from './refusal.ts';
import { repositoryShape } from './repository-shape.ts';
import type { Call, Route } from './route.ts';
import { ok, paged } from './route.ts';
import type { Installation, Person, RepositoryState, World } from './world.ts';

const limit = () => ({
  limit: 5000,
  used: 0,
  remaining: 5000,
  reset: Math.floor(Date.now() / 1000) + 3600,
});

const convert = ({ world, params }: Call) => {
  if (!world.manifestCodes.delete(params.code ?? '')) throw notFound();
  const { clientId, clientSecret, webhookSecret, privateKey } = world;
  const secrets = { client_id: clientId, client_secret: clientSecret, pem: privateKey };
  return { status: 201, body: { ...appShape(world), ...secrets, webhook_secret: webhookSecret } };
};

/** What an installation covers that a person has explicit access to. */
const shared = (person: Person, { repositories }: Installation): RepositoryState[] =>
  repositories.filter((one) => !one.deleted && isOwnOf(person, one));

const installationsOf = (call: Call) => {
  const { world, caller } = call;
  if (caller.kind !== 'user') throw notFound();
  const all = world.installations.filter(
    (one) => !one.removed && shared(caller.person, one).length > 0,
  );
  const { items, headers } = paged(call, `${apiUrl(world)}/user/installations`, all);
  const installations = items.map((one) => installationShape(world, one));
  return ok({ total_count: all.length, installations }, headers);
};

const repositoriesOf = (call: Call) => {
  const { world, caller, params } = call;
  const id = Number(params.installation_id);
  const installation = world.installations.find((one) => one.id === id && !one.removed);
  if (caller.kind !== 'user' || !installation) throw notFound();
  if (installation.suspended) throw new Refusal(403, 'This installation has been suspended');
  const all = shared(caller.person, installation);
  const url = `${apiUrl(world)}/user/installations/${id}/repositories`;
  const { items, headers } = paged(call, url, all);
  const repositories = items.map((one) => repositoryShape(world, one));
  return ok({ total_count: all.length, repository_selection: 'selected', repositories }, headers);
};

const revoke = ({ world, params, body }: Call) => {
  if (params.client_id !== world.clientId) throw notFound();
  if (!world.userTokens.delete(String(body.access_token))) throw notFound();
  return { status: 204 };
};

const meta = (world: World) => ({
  verifiable_password_authentication: true,
  hooks: ['127.0.0.0/8'],
  web: ['127.0.0.0/8'],
  api: ['127.0.0.0/8'],
  git: ['127.0.0.0/8'],
  domains: { website: [new URL(world.origin).host] },
});

/** People, the App's registration from a manifest, and GitHub about itself. */
export const userRoutes: readonly Route[] = [
  {
    operation: 'GET /user',
    needs: 'user',
    handle: ({ world, caller }) => {
      if (caller.kind !== 'user') throw notFound();
      return ok(signedInUser(world, caller.person));
    },
  },
  { operation: 'GET /user/installations', needs: 'user', handle: installationsOf },
  {
    operation: 'GET /user/installations/{installation_id}/repositories',
    needs: 'user',
    handle: repositoriesOf,
  },
  { operation: 'DELETE /applications/{client_id}/token', needs: 'client', handle: revoke },
  { operation: 'POST /app-manifests/{code}/conversions', needs: 'nothing', handle: convert },
  {
    operation: 'GET /rate_limit',
    needs: 'nothing',
    handle: () => ok({ resources: { core: limit(), search: limit() }, rate: limit() }),
  },
  { operation: 'GET /meta', needs: 'nothing', handle: ({ world }) => ok(meta(world)) },
];
