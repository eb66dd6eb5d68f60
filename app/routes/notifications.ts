import type { Repository } from '../../queue/build.ts';
import {
  getNotification,
  listNotifications,
  type Notification,
} from '../../queue/notifications.ts';
import { sendAgain } from '../notify/send-again.ts';
import type { WebDeps } from '../web-deps.ts';
import { mayNotWrite, notFound } from './api-error.ts';
import { repositoryFor } from './build-by-hand.ts';

/** A repository for somebody who may write to it, which notifications need. Throws ApiErrors. */
export async function writableRepository(
  deps: WebDeps,
  token: string | null,
  fullName: string,
): Promise<Repository> {
  const found = await repositoryFor(deps, token, fullName);
  if (!found) throw notFound(`repository ${fullName}`);
  if (found.access === 'write') return found.repository;
  throw mayNotWrite(token, `The notifications of ${fullName} need write access to it.`);
}

/** The last notifications of a repository, newest first, for somebody who may write. Throws ApiErrors. */
export async function notificationsFor(
  deps: WebDeps,
  token: string | null,
  fullName: string,
): Promise<Notification[]> {
  const { id } = await writableRepository(deps, token, fullName);
  return listNotifications(deps.store, id);
}

/** Sends one of them again for somebody who may write. Throws ApiErrors. */
export async function resendFor(
  deps: WebDeps,
  token: string | null,
  fullName: string,
  id: string,
): Promise<Notification> {
  const repository = await writableRepository(deps, token, fullName);
  const known = await getNotification(deps.store, repository.id, id);
  const sent = known && (await sendAgain(deps, known));
  if (!sent) throw notFound(`notification ${id}`);
  return sent;
}
