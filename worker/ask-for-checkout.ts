import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueEvents } from 'bullmq';
import { type CheckoutGrant, newReader, openGrant } from '../queue/checkout-grant.ts';
import type { CheckoutRequest, Queues } from '../queue/queues.ts';

/** How long one question waits for its answer, in milliseconds. */
const patience = 30_000;

/** The pauses between two questions in milliseconds: doubled each time up to the longest. */
const pauses = { first: 1_000, longest: 15_000 };

/**
 * Asks the app for the right to read a build's repository (and submodules), again and again while no app answers,
 * until the signal fires. `onWait` hears of each question that went unanswered. Throws if the app
 * refuses.
 */
export async function askForCheckout(
  queues: Queues,
  events: QueueEvents,
  build: Omit<CheckoutRequest, 'publicKey'>,
  signal: AbortSignal,
  onWait: (reason: string) => void,
): Promise<CheckoutGrant> {
  for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.longest)) {
    signal.throwIfAborted();
    const { publicKey, privateKey } = await newReader();
    const question = { ...build, publicKey };
    const job = await queues.checkouts.add('checkout', question, {
      removeOnComplete: { age: 60 },
      removeOnFail: { age: 60 },
    });
    try {
      const sealed = (await job.waitUntilFinished(events, patience)) as string;
      return await openGrant(sealed, privateKey);
    } catch (error) {
      onWait((error as Error).message);
      await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
