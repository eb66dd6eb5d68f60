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
    const { isAway, mayKnow, ...repositories } = await repositoriesOf(deps, isInsider, token);
    const home = await readHome(deps, repositories, mayKnow);
    // The local remote is reached under this machine's own name, whatever PUBLIC_URL says.
    const { origin } = new URL(c.req.url);
    const reader = {
      ...{ caller: c.var.caller, isInsider: mayKnow, isAway },
      ...{ setUpPath: deps.setUpPath, origin },
    };
    return c.html(page(home, reader, Date.now()));
  });

/** What is a reader's own, and everybody's; only that while GitHub does not answer about the first. */
async function repositoriesOf(deps: WebDeps, isInsider: Insiders, token: string | null) {
  const visible = await myRepositories(deps, null);
  try {
    const mine = await myRepositories(deps, token);
    return { mine, visible, mayKnow: await isInsider(token, mine), isAway: false };
  } catch (error) {
    if (token === null) throw error;
    deps.log.warn({ err: error }, 'The first page is shown as to a stranger');
    return { mine: [], visible, mayKnow: false, isAway: true };
  }
}
