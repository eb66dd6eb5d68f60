import { Hono } from 'hono';
import type { Notification } from '../../queue/notifications.ts';
import { keyText, repositoryKey } from '../notify/sign.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError } from './api-error.ts';
import { fullNameOf } from './api-input.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { notificationsFor, notifyingRepository, resendFor } from './notifications.ts';

/** The routes about notifications below `/api/repos`. */
export function notificationsApi(deps: WebDeps): Hono<WebEnv> {
  return new Hono<WebEnv>()
    .get('/:owner/:repo/notifications', async (c) => {
      const all = await notificationsFor(deps, tokenOf(c), fullNameOf(c));
      return c.json({ notifications: all.map(notificationJson) });
    })
    .get('/:owner/:repo/notifications/secret', async (c) => {
      const { id } = await notifyingRepository(deps, tokenOf(c), fullNameOf(c));
      const { secret } = deps.notify;
      if (!secret) {
        const message = 'Notifications are not signed: the operator has set no NOTIFY_SECRET.';
        throw new ApiError(409, 'conflict', message);
      }
      c.header('cache-control', 'no-store');
      return c.json({ secret: keyText(repositoryKey(secret, id)) });
    })
    .post('/:owner/:repo/notifications/:id/resend', async (c) => {
      const sent = await resendFor(deps, tokenOf(c), fullNameOf(c), c.req.param('id'));
      return c.json(notificationJson(sent), 202);
    });
}

/** What the API shows of a notification: not the whole of what names its target. */
export function notificationJson({ repositoryId: _id, target, ...rest }: Notification) {
  return { ...rest, target: target.slice(0, 8) };
}
