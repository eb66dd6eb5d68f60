import type { Build } from '../../queue/build.ts';
import type { Format, NotificationJob } from '../../queue/notifications.ts';
import { dockerhubBody } from './dockerhub-body.ts';
import type { Notifier } from './notifier.ts';
import { repositoryKey, signedHeaders } from './sign.ts';
import { slackBody } from './slack-body.ts';
import { slipwayBody } from './slipway-body.ts';
import type { Target } from './target.ts';

/** What a request says: made anew for each try, of the record as it then is. */
export type Message = { headers: Record<string, string>; body: string };

/** What one target is told of a build's end. */
export function messageFor(
  { notify: { secret }, publicUrl }: Notifier,
  { format, from }: Target,
  build: Build,
  { id, tag }: NotificationJob,
): Message {
  const bodies: Record<Format, () => object> = {
    slipway: () => slipwayBody(build, id, publicUrl),
    dockerhub: () => dockerhubBody(build, tag ?? ''),
    slack: () => slackBody(build),
  };
  const body = JSON.stringify(bodies[format]());
  const key = secret && from === 'rules file' ? repositoryKey(secret, build.repository.id) : secret;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Slipway',
    ...signedHeaders(key, id, new Date(), body),
  };
  return { headers, body };
}
