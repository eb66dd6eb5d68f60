import { Hono } from 'hono';
import { notificationsPage } from '../pages/notifications-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { notificationsFor, resendFor } from './notifications.ts';

/** The page of a repository's last notifications, and what its forms ask for. */
export const notificationPages = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>()
    .get('/:owner/:repo/notifications', async (c) => {
      const name = `${c.req.param('owner')}/${c.req.param('repo')}`;
      const all = await notificationsFor(deps, tokenOf(c), name);
      return c.html(notificationsPage(c.var.caller, name, all));
    })
    .post('/:owner/:repo/notifications/:id/resend', async (c) => {
      const { owner, repo, id } = c.req.param();
      await resendFor(deps, tokenOf(c), `${owner}/${repo}`, id);
      return c.redirect(`/${owner}/${repo}/notifications`, 303);
    });
