import { type Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import { LRUCache } from 'lru-cache';
import type { Repository } from '../../queue/build.ts';
import { type BadgeOf, type BadgeState, badgeState } from '../badge/badge-state.ts';
import { badgeSvg } from '../badge/badge-svg.ts';
import type { WebDeps } from '../web-deps.ts';
import { readParameters, repositoryParams } from './api-input.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { onlyMethods } from './only-methods.ts';
import { badgeQuerySchema } from './query.ts';

/** How long whoever asked for a badge may keep it, and how long it is not worked out anew, in seconds. */
const holds = 60;
const remembered = 10;

/** What the badges of one process said in the last seconds. */
type Said = LRUCache<string, BadgeState, { repository: Repository; of: BadgeOf }>;

/** The routes below `/badge`. */
export function badges(deps: WebDeps): Hono<WebEnv> {
  // A page that many read shows its badge to each of them; those who ask at once share one answer.
  const said: Said = new LRUCache({
    ...{ max: 5_000, ttl: remembered * 1_000, ignoreFetchAbort: true },
    fetchMethod: (_key, _stale, { context }) =>
      badgeState(deps.store, context.repository, context.of),
  });
  return new Hono<WebEnv>()
    .get('/:owner/:file{[^/]+\\.svg}', etag(), async (c) => {
      const { name, ...query } = readParameters(badgeQuerySchema, c.req.query());
      const state = await stateFor(c, deps, said, { name, ...query });
      c.header('vary', 'authorization, cookie');
      c.header('cache-control', `${tokenOf(c) ? 'private' : 'public'}, max-age=${holds}`);
      c.header('content-type', 'image/svg+xml; charset=utf-8');
      c.header('content-security-policy', "default-src 'none'");
      c.header('x-content-type-options', 'nosniff');
      return c.body(badgeSvg(name ?? 'build', state));
    })
    .all('/*', onlyMethods);
}

/** The same for what the caller may not see as for what is not there. */
async function stateFor(
  c: Context<WebEnv>,
  { gate }: WebDeps,
  said: Said,
  of: BadgeOf,
): Promise<BadgeState> {
  const owner = c.req.param('owner');
  const repo = c.req.param('file')?.replace(/\.svg$/, '');
  if (!repositoryParams.safeParse({ owner, repo }).success) return 'unknown';
  const repository = await gate.readable(tokenOf(c), `${owner}/${repo}`);
  if (!repository) return 'unknown';
  const { id, defaultBranch } = repository;
  const key = JSON.stringify([id, defaultBranch, of.ref, of.name]);
  return said.forceFetch(key, { context: { repository, of } });
}
