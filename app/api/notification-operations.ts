import { repositoryParams } from '../routes/api-input.ts';
import { notificationIdSchema } from './notification-schemas.ts';
import type { Operation } from './operation.ts';

const tag = 'Notifications';
const params = repositoryParams;
const base = '/api/repos/{owner}/{repo}/notifications';

/** What there is below a repository's notifications. */
export const notificationOperations: readonly Operation[] = [
  {
    ...{ method: 'get', path: base, id: 'listNotifications', tag, who: 'writers' },
    summary: 'The last 50 notifications, newest first',
    params,
    answers: {
      200: {
        says: 'What was told to whom, and how it went.',
        ...{ type: 'application/json', component: 'NotificationList' },
      },
    },
  },
  {
    ...{ method: 'get', path: `${base}/secret`, id: 'getNotificationSecret', tag, who: 'writers' },
    summary: 'The key that signatures are checked with',
    params,
    answers: {
      200: {
        says: 'The key of this repository.',
        ...{ type: 'application/json', component: 'NotificationSecret' },
      },
      409: {
        says: 'Nothing is signed: the operator has set no NOTIFY_SECRET.',
        ...{ type: 'application/json', component: 'Error' },
      },
    },
  },
  {
    ...{ method: 'post', path: `${base}/{notification}/resend`, id: 'resendNotification', tag },
    who: 'writers',
    summary: 'Send a notification again, at once',
    params: params.extend({ notification: notificationIdSchema }),
    answers: {
      202: {
        says: 'It will be sent.',
        ...{ type: 'application/json', component: 'Notification' },
      },
    },
  },
];
