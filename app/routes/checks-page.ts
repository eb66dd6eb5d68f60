import { Hono } from 'hono';
import { lookAtRedis } from '../doctor/redis.ts';
import { lookAtWorkers } from '../doctor/workers.ts';
import type { Insiders } from '../insiders.ts';
import { myRepositories } from '../my-repositories.ts';
import { checksPage as page } from '../pages/checks-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { tokenOf, type WebEnv } from './caller.ts';

/** Whether all that the service needs is well, for insiders; to others there is no such page. */
export const checksPage = (deps: WebDeps, isInsider: Insiders): Hono<WebEnv> =>
  new Hono<WebEnv>().get('/', async (c) => {
    const token = tokenOf(c);
    // Where everybody is an insider the page has to come without Redis too.
    const mayLook =
      deps.setUpPath !== null || (await isInsider(token, await myRepositories(deps, token)));
    if (!mayLook) throw notFound('such page');
    const all = await Promise.all([
      lookAtRedis(deps.store.redis, () => null),
      lookAtWorkers(deps.store),
      deps.lookAtGitHub(),
    ]);
    c.header('cache-control', 'no-store');
    return c.html(page(c.var.caller, all.flat(), deps.setUpPath));
  });
