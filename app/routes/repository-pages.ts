import { Hono } from 'hono';
import type { Repository } from '../../queue/build.ts';
import type { Access } from '../forge.ts';
import { repositoryPage } from '../pages/repository-page.ts';
import { readOverview } from '../repository/overview.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { fullNameOf } from './api-input.ts';
import { buildByHand } from './build-by-hand.ts';
import { loginOf, tokenOf, type WebEnv } from './caller.ts';
import { readQuery } from './query.ts';
import { repositoryFor } from './repository-for.ts';

/** The page of a repository, and what its form asks for. */
export const repositoryPages = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>()
    .get('/:owner/:repo', async (c) => {
      const found = await readable(deps, tokenOf(c), fullNameOf(c));
      if (!found) throw notFound('such page');
      const query = readQuery(chosen(c.req.query()));
      const visit = {
        caller: c.var.caller,
        ...{ query, publicUrl: deps.publicUrl, now: Date.now() },
        mayBuild: found.access === 'write',
      };
      return c.html(repositoryPage(await readOverview(deps, found.repository, query), visit));
    })
    .post('/:owner/:repo/builds', async (c) => {
      const name = fullNameOf(c);
      const { ref } = await c.req.parseBody();
      const given = typeof ref === 'string' ? ref.trim() : '';
      const builds = await buildByHand(deps, tokenOf(c), name, given, loginOf(c));
      return c.redirect(builds.length === 1 ? `/builds/${builds[0]?.id}` : `/${name}`, 303);
    });

/**
 * A repository that somebody may read, and what they may do with it now; null for any other. While
 * the forge is away nobody may write, and what everybody may read can still be read.
 */
async function readable(
  deps: WebDeps,
  token: string | null,
  fullName: string,
): Promise<{ repository: Repository; access: Access } | null> {
  const repository = await deps.gate.readable(token, fullName);
  // Asked as well about what may not be read, which then takes as long as what nobody knows.
  if (!repository) return repositoryFor(deps, token, fullName);
  const access = await deps.gate.accessNow(token, { repository }).catch(() => 'read' as const);
  return access === 'none' ? null : { repository, access };
}

/** A form sends the fields that nobody filled in as well. */
const chosen = (query: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
