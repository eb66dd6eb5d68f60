import { Hono } from 'hono';
import { readHome } from '../home/home.ts';
import type { Insiders } from '../insiders.ts';
import { myRepositories } from '../my-repositories.ts';
import { homePage as page } from '../pages/home-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { tokenOf, type WebEnv } from './caller.ts';

/** The first page: what its reader's repositories do. */
export const homePage = (deps: WebDeps, isInsider: Insiders): Hono<WebEnv> =>
  new Hono<WebEnv>().get('/', async (c) => {
    const token = tokenOf(c);
    const [mine, visible] = await Promise.all([
      myRepositories(deps, token),
      myRepositories(deps, null),
    ]);
    const mayKnow = await isInsider(token, mine);
    const home = await readHome(deps, { mine, visible }, mayKnow);
    // The local remote is reached under this machine's own name, whatever PUBLIC_URL says.
    const { origin } = new URL(c.req.url);
    const reader = {
      ...{ caller: c.var.caller, isInsider: mayKnow },
      ...{ setUpPath: deps.setUpPath, origin },
    };
    return c.html(page(home, reader, Date.now()));
  });
