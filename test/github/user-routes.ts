import { signedInUser } from './account-shape.ts';
import { appShape } from './app-shape.ts';
import { notFound } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { ok } from './route.ts';
import type { World } from './world.ts';

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
  { operation: 'POST /app-manifests/{code}/conversions', needs: 'nothing', handle: convert },
  {
    operation: 'GET /rate_limit',
    needs: 'nothing',
    handle: () => ok({ resources: { core: limit(), search: limit() }, rate: limit() }),
  },
  { operation: 'GET /meta', needs: 'nothing', handle: ({ world }) => ok(meta(world)) },
];
