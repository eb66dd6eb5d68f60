import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { etag } from 'hono/etag';
import { openApi } from '../api/openapi.ts';
import { apiPage } from '../pages/api-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError, notFound } from './api-error.ts';
import { buildsApi } from './builds-api.ts';
import type { WebEnv } from './caller.ts';
import { notificationsApi } from './notifications-api.ts';
import { onlyMethods } from './only-methods.ts';
import { pageHeaders } from './page-headers.ts';
import { reposApi } from './repos-api.ts';

/** No request of the API needs a larger body, in bytes. */
const maxBody = 64 * 1024;

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
    .use(bodyLimit({ maxSize: maxBody, onError: tooLarge }))
    .get('/openapi.json', etag(), (c) => c.json(description))
    .route('/builds', buildsApi(deps))
    .route('/repos', notificationsApi(deps))
    .route('/repos', reposApi(deps))
    .all('/*', onlyMethods, () => {
      throw notFound('such route');
    });
}

function tooLarge(c: Context): never {
  // The rest of the body is not read, so that nothing else can come on this connection.
  c.header('connection', 'close');
  throw new ApiError(413, 'too_large', 'The body is larger than 64 kB, which nothing here needs.');
}
