import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { apiUrl } from './account-shape.ts';
import { appRoutes } from './app-routes.ts';
import { identify } from './caller.ts';
import { checkRoutes } from './check-routes.ts';
import { contentsRoutes } from './contents-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import type { Description } from './description.ts';
import { type Fault, faultAnswer, takeFault, waitFor } from './faults.ts';
import { gitRoutes } from './git-routes.ts';
import { perform } from './perform.ts';
import { pullRequestRoutes } from './pull-request-payload.ts';
import { repositoryRoutes } from './repository-routes.ts';
import type { Route } from './route.ts';
import { addPages } from './sign-in.ts';
import { isGitPath, serveGit } from './smart-http.ts';
import { statusRoutes } from './status-routes.ts';
import { userRoutes } from './user-routes.ts';
import type { World } from './world.ts';
import { fullName } from './world.ts';

type Environment = { Bindings: HttpBindings };

/** Those whose path ends in something that may hold slashes come last. */
const routes: readonly Route[] = [
  ...appRoutes,
  ...deliveryRoutes,
  ...userRoutes,
  ...checkRoutes,
  ...statusRoutes,
  ...gitRoutes,
  ...contentsRoutes,
  ...repositoryRoutes,
  ...pullRequestRoutes,
];

/** `/api/v3` is dropped, and `/repositories/{id}` is the repository's present name. */
const apiPath = (world: World, url: string): string => {
  const path = new URL(url).pathname.replace(/^\/api\/v3(?=\/|$)/, '') || '/';
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? [];
  if (id === undefined) return path;
  const found = world.repositories.find((one) => one.id === Number(id) && !one.deleted);
  return `/repos/${found ? fullName(found) : '-/-'}${rest}`;
};

const honoPath = (path: string): string =>
  path
    .replace(/\{(path|ref|basehead|branch)\}$/, ':$1{.*}')
    .replaceAll(/(?<!:\w*)\{(\w+)\}/g, ':$1');

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** Starts the imitation on a free port of the loopback and sets `world.origin`. */
export const serve = async (
  world: World,
  description: Description,
  faults: { fault: Fault; left: number }[],
): Promise<Server> => {
  const app = new Hono<Environment>({ getPath: (request) => apiPath(world, request.url) });

  const cut = (context: Context<Environment>): Response => {
    context.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  };

  app.use('*', async (context, next) => {
    const { method, path, url } = context.req;
    const { pathname, search } = new URL(url);
    const forGit = isGitPath(pathname);
    const request = {
      method,
      path,
      headers: context.req.header(),
      body: forGit || method === 'GET' ? '' : await context.req.text(),
    };
    const at = Date.now();
    const fault = takeFault(faults, request);
    if (fault) await waitFor(fault);
    const replaced = fault?.drop === true || fault?.status !== undefined;
    if (!replaced || fault.applied) {
      if (forGit) {
        serveGit(world, context.env.incoming, context.env.outgoing);
        return RESPONSE_ALREADY_SENT;
      }
      await next();
    }
    if (fault && replaced) {
      context.res = undefined;
      context.res = fault.drop ? cut(context) : faultAnswer(fault);
    }
    const tokenKind = identify(world, context.req.header('authorization')).kind;
    const status = fault?.drop ? 0 : context.res.status;
    world.requests.push({ method, path, query: search, status, tokenKind, at });
    return undefined;
  });

  addPages(app as unknown as Hono, world);
  for (const route of routes) {
    const [method = '', path = ''] = route.operation.split(' ');
    const root: Record<string, string> = path.endsWith('/contents/{path}') ? { path: '' } : {};
    const handler = async (context: Context<Environment>): Promise<Response> =>
      perform(world, description, route, {
        params: { ...root, ...(context.req.param() as Record<string, string>) },
        query: context.req.query(),
        body: method === 'GET' ? '' : await context.req.text(),
        accept: context.req.header('accept') ?? '',
        authorization: context.req.header('authorization'),
        method,
        path: context.req.path,
        search: new URL(context.req.url).search,
      });
    app.on(method, honoPath(path), handler);
    if ('path' in root) app.on(method, honoPath(path.slice(0, -7)), handler);
  }
  app.notFound((context) => {
    world.violations.push(`${context.req.method} ${context.req.path} is not imitated`);
    return context.json({ message: 'Not Found', documentation_url: apiUrl(world) }, 404);
  });
  app.onError((error, context) => {
    world.violations.push(`${context.req.method} ${context.req.path} failed: ${error.message}`);
    return context.json({ message: error.message, id: randomUUID() }, 500);
  });

  const server = createServer(getRequestListener(app.fetch));
  world.origin = `http://127.0.0.1:${await listen(server)}`;
  return server;
};
