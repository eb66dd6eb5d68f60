import { Hono } from 'hono';
import { buildsPage } from '../pages/builds-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { buildByHand, repositoryFor } from './build-by-hand.ts';
import { visibleBuilds } from './builds-api.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { readQuery } from './query.ts';

/** The page of a repository, and what its form asks for. */
export const repositoryPages = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>()
    .get('/:owner/:repo', async (c) => {
      const token = tokenOf(c);
      const repo = `${c.req.param('owner')}/${c.req.param('repo')}`;
      const found = await visibleBuilds(deps, token, readQuery({ ...c.req.query(), repo }));
      const mayBuild = (await repositoryFor(deps, token, repo))?.access === 'write';
      const { search } = new URL(c.req.url);
      const shown = { setUpPath: deps.setUpPath, mayBuild };
      return c.html(buildsPage(c.var.caller, repo, found, search, shown));
    })
    .post('/:owner/:repo/builds', async (c) => {
      const { owner, repo } = c.req.param();
      const { ref } = await c.req.parseBody();
      const name = `${owner}/${repo}`;
      const given = typeof ref === 'string' ? ref.trim() : '';
      const builds = await buildByHand(deps, tokenOf(c), name, given);
      return c.redirect(builds.length === 1 ? `/builds/${builds[0]?.id}` : `/${name}`, 303);
    });
