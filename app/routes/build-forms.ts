import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { cancelBuild, cancelledBy } from '../cancel-build.ts';
import { retryBuild } from '../plan/retry-build.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError } from './api-error.ts';
import { writableBuild } from './builds-api.ts';
import { loginOf, tokenOf, type WebEnv } from './caller.ts';

/** What the buttons of a build's page do; each answers with a page, as forms expect. */
export const buildForms = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>()
    .post('/:id/cancel', async (c) => {
      const build = await writableBuild(deps, tokenOf(c), c.req.param('id'));
      if (!(await cancelBuild(deps, build.id, cancelledBy(loginOf(c))))) {
        throw new ApiError(409, 'conflict', 'The build has ended; there is nothing to cancel.');
      }
      return c.redirect(`/builds/${build.id}`, 303);
    })
    .post('/:id/retry', async (c) => {
      const build = await writableBuild(deps, tokenOf(c), c.req.param('id'));
      const { key, cache } = await c.req.parseBody();
      const wish = { cache: cache !== 'false', by: loginOf(c) };
      const once = typeof key === 'string' && key !== '' ? key.slice(0, 100) : randomUUID();
      const cause = `form ${once} ${wish.cache}`;
      const id = await retryBuild(deps.planner, build, cause, wish);
      if (id === null) {
        throw new ApiError(409, 'conflict', 'The build has not ended yet; cancel it first.');
      }
      return c.redirect(`/builds/${id}`, 303);
    });
