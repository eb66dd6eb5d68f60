import { Hono } from 'hono';
import { createInsiders } from '../insiders.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { buildPages } from './build-pages.ts';
import type { WebEnv } from './caller.ts';
import { checksPage } from './checks-page.ts';
import { homePage } from './home-page.ts';
import { notificationPages } from './notification-pages.ts';
import { pageHeaders } from './page-headers.ts';
import { repositoryPages } from './repository-pages.ts';
import { signInPages } from './sign-in-pages.ts';
import { smallBodies } from './small-bodies.ts';

/** The pages for people. */
export function pages(deps: WebDeps): Hono<WebEnv> {
  const isInsider = createInsiders(deps);
  return new Hono<WebEnv>()
    .use(pageHeaders(), smallBodies())
    .route('/', signInPages(deps))
    .route('/', homePage(deps, isInsider))
    .route('/setup/checks', checksPage(deps, isInsider))
    .route('/builds', buildPages(deps))
    .route('/', notificationPages(deps))
    .route('/', repositoryPages(deps))
    .all('*', (c) => {
      const { pathname, search } = new URL(c.req.url);
      if (c.req.method === 'GET' && /.\/$/.test(pathname)) {
        // Never `//…`, which would be another host's.
        return c.redirect(`/${pathname.replace(/^\/+|\/+$/g, '')}${search}`, 301);
      }
      throw notFound('such page');
    });
}
