import type { Repository } from '../../queue/build.ts';
import {
  getNotification,
  listNotifications,
  type Notification,
} from '../../queue/notifications.ts';
import { sendAgain } from '../notify/send-again.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { writableRepository } from './repository-for.ts';

/** A repository for somebody who may write to it, which notifications need. Throws ApiErrors. */
export const notifyingRepository = (
  deps: WebDeps,
  token: string | null,
  fullName: string,
): Promise<Repository> =>
  writableRepository(
    deps,
    token,
    fullName,
    `The notifications of ${fullName} need write access to it.`,
  );

/** The last notifications of a repository, newest first, for somebody who may write. Throws ApiErrors. */
export async function notificationsFor(
  deps: WebDeps,
  token: string | null,
  fullName: string,
): Promise<Notification[]> {
  const { id } = await notifyingRepository(deps, token, fullName);
  return listNotifications(deps.store, id);
}

/** Sends one of them again for somebody who may write. Throws ApiErrors. */
export async function resendFor(
  deps: WebDeps,
  token: string | null,
  fullName: string,
  id: string,
): Promise<Notification> {
  const repository = await notifyingRepository(deps, token, fullName);
  const known = await getNotification(deps.store, repository.id, id);
  const sent = known && (await sendAgain(deps, known));
  if (!sent) throw notFound(`notification ${id}`);
  return sent;
}
