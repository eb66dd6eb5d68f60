import { type Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import { type BadgeOf, type BadgeState, badgeState } from '../badge/badge-state.ts';
import { badgeSvg } from '../badge/badge-svg.ts';
import type { WebDeps } from '../web-deps.ts';
import { readParameters, repositoryParams } from './api-input.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { onlyMethods } from './only-methods.ts';
import { badgeQuerySchema } from './query.ts';

/** The routes below `/badge`. */
export const badges = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>()
    .get('/:owner/:file{[^/]+\\.svg}', etag(), async (c) => {
      const { name, ...query } = readParameters(badgeQuerySchema, c.req.query());
      const state = await stateFor(c, deps, { name, ...query });
      c.header('vary', 'authorization, cookie');
      c.header('cache-control', `${tokenOf(c) ? 'private' : 'public'}, max-age=60`);
      c.header('content-type', 'image/svg+xml; charset=utf-8');
      c.header('content-security-policy', "default-src 'none'");
      c.header('x-content-type-options', 'nosniff');
      return c.body(badgeSvg(name ?? 'build', state));
    })
    .all('/*', onlyMethods);

/** The same for what the caller may not see as for what is not there. */
async function stateFor(
  c: Context<WebEnv>,
  { store, gate }: WebDeps,
  of: BadgeOf,
): Promise<BadgeState> {
  const owner = c.req.param('owner');
  const repo = c.req.param('file')?.replace(/\.svg$/, '');
  if (!repositoryParams.safeParse({ owner, repo }).success) return 'unknown';
  const repository = await gate.readable(tokenOf(c), `${owner}/${repo}`);
  return repository ? badgeState(store, repository, of) : 'unknown';
}
