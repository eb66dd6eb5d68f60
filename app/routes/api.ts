import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { openApi } from '../api/openapi.ts';
import { apiPage } from '../pages/api-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { buildsApi } from './builds-api.ts';
import type { WebEnv } from './caller.ts';
import { notificationsApi } from './notifications-api.ts';
import { onlyMethods } from './only-methods.ts';
import { pageHeaders } from './page-headers.ts';
import { reposApi } from './repos-api.ts';
import { smallBodies } from './small-bodies.ts';

/** The page `/api` and the routes below it but for GitHub's webhooks, which take larger bodies. */
export function api(deps: WebDeps): Hono<WebEnv> {
  const description = openApi(deps.publicUrl);
  return new Hono<WebEnv>()
    .use(async (c, next) => {
      c.header('vary', 'authorization, cookie');
      c.header('cache-control', 'private, no-cache');
      c.header('x-content-type-options', 'nosniff');
      return next();
    })
    .get('/', pageHeaders(), (c) => c.html(apiPage(c.var.caller, description)))
    .use(smallBodies())
    .get('/openapi.json', etag(), (c) => c.json(description))
    .route('/builds', buildsApi(deps))
    .route('/repos', notificationsApi(deps))
    .route('/repos', reposApi(deps))
    .all('/*', onlyMethods, () => {
      throw notFound('such route');
    });
}
