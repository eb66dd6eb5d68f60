import { Hono } from 'hono';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { buildPages } from './build-pages.ts';
import type { WebEnv } from './caller.ts';
import { homePage } from './home-page.ts';
import { notificationPages } from './notification-pages.ts';
import { pageHeaders } from './page-headers.ts';
import { repositoryPages } from './repository-pages.ts';

/** The pages for people. */
export const pages = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>()
    .use(pageHeaders())
    .route('/', homePage(deps))
    .route('/builds', buildPages(deps))
    .route('/', notificationPages(deps))
    .route('/', repositoryPages(deps))
    .all('*', () => {
      throw notFound('such page');
    });
