import { Hono } from 'hono';
import { buildsPage } from '../pages/builds-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { visibleBuilds } from './builds-api.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { readQuery } from './query.ts';

/** The first page: the newest builds that its reader may see. */
export const homePage = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>().get('/', async (c) => {
    const found = await visibleBuilds(deps, tokenOf(c), readQuery(c.req.query()));
    const { search } = new URL(c.req.url);
    const shown = { setUpPath: deps.setUpPath, mayBuild: false };
    return c.html(buildsPage(c.var.caller, 'Builds', found, search, shown));
  });
