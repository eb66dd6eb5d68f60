import type { Logger } from 'pino';
import type { Store } from '../../queue/build-store.ts';
import { recordDelivery } from '../../queue/deliveries.ts';
import type { Queues } from '../../queue/queues.ts';
import type { Reading } from '../webhook/payload.ts';
import { readTrigger } from '../webhook/read-trigger.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { giveUp, type Missed, noteResent, settleMissed } from './missed.ts';
import { isRefusal, refusalPauses } from './refusals.ts';

type Deps = { store: Store; queues: Queues; deliveries: DeliveryLog; log: Logger };

/** GitHub lets an App write once a second, so of many at once the rest are read instead. */
const mostResent = 20;

/** What a delivery that was sent again may take before it is read instead, in milliseconds. */
const patience = 120_000;

/**
 * Does what is to be done next about a missed delivery. One that GitHub shows as delivered is read
 * from its memory; one that failed is sent again first, so that GitHub's list tells the truth too,
 * and read if that fails as well; one that was refused is only ever sent again, a few times.
 */
export async function bringIn(
  deps: Deps,
  missed: Missed,
  resentBefore: number,
): Promise<'resent' | 'done'> {
  const { code, resent } = missed;
  if (isRefusal(code)) return sendRefusedAgain(deps, missed);
  const isDelivered = code >= 200 && code < 300;
  if (isDelivered || resent > 0 || resentBefore >= mostResent) return read(deps, missed);
  if (!(await deps.deliveries.sendAgain(missed.attempt))) return read(deps, missed);
  await noteResent(deps.store, missed, Date.now() + patience);
  return 'resent';
}

async function sendRefusedAgain(deps: Deps, missed: Missed): Promise<'resent' | 'done'> {
  const pause = refusalPauses[missed.resent];
  if (pause === undefined) {
    const why = `It was answered ${missed.code}, and sent again ${missed.resent} times in vain.`;
    return abandon(deps, missed, why);
  }
  if (!(await deps.deliveries.sendAgain(missed.attempt))) {
    return abandon(deps, missed, `It was answered ${missed.code}, and GitHub has forgotten it.`);
  }
  await noteResent(deps.store, missed, Date.now() + pause);
  return 'resent';
}

async function read(deps: Deps, missed: Missed): Promise<'done'> {
  const { store, queues, deliveries, log } = deps;
  const { guid, event, code } = missed;
  const payload = await deliveries.payload(missed.attempt);
  if (payload === null) return abandon(deps, missed, 'GitHub has forgotten it.');
  await recordDelivery(store, queues, guid, event, readingOf(event, payload));
  await settleMissed(store, missed, 'payload');
  const how = code === 0 ? 'could not be delivered' : `was answered ${code}`;
  log.info({ delivery: guid, event }, `Brought in from GitHub’s memory; it ${how}`);
  return 'done';
}

/** A payload that cannot be read would be refused as a webhook too. */
function readingOf(event: string, payload: unknown): Reading {
  try {
    return readTrigger(event, payload);
  } catch (error) {
    if ((error as Error).name !== 'ZodError') throw error;
    return { ignored: 'The payload is not of the form GitHub documents for this event.' };
  }
}

async function abandon({ store, log }: Deps, missed: Missed, why: string): Promise<'done'> {
  await giveUp(store, missed, why);
  log.warn({ delivery: missed.guid, event: missed.event }, `A delivery is given up. ${why}`);
  return 'done';
}
