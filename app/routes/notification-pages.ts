import { Hono } from 'hono';
import { notificationsPage } from '../pages/notifications-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { fullNameOf } from './api-input.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { notificationsFor, resendFor } from './notifications.ts';

/** The page of a repository's last notifications, and what its forms ask for. */
export const notificationPages = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>()
    .get('/:owner/:repo/notifications', async (c) => {
      const name = fullNameOf(c);
      const all = await notificationsFor(deps, tokenOf(c), name);
      return c.html(notificationsPage(c.var.caller, name, all));
    })
    .post('/:owner/:repo/notifications/:id/resend', async (c) => {
      const name = fullNameOf(c);
      await resendFor(deps, tokenOf(c), name, c.req.param('id'));
      return c.redirect(`/${name}/notifications`, 303);
    });
