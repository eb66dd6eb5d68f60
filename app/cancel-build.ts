import { changeBuild, type Store } from '../queue/build-store.ts';
import { enqueueReport, type Queues } from '../queue/queues.ts';

/**
 * Cancels a build: at once while it is queued, through its worker while it runs. Returns false if
 * it had ended. `reason` is the sentence the record and the check show.
 */
export async function cancelBuild(
  { store, queues }: { store: Store; queues: Queues },
  id: string,
  reason: string,
): Promise<boolean> {
  for (;;) {
    const atOnce = await changeBuild(store, id, {
      to: 'cancelled',
      within: ['queued'],
      set: { reason, finishedAt: new Date().toISOString() },
    });
    if (atOnce === 'ok') {
      await queues.builds.remove(id);
      await enqueueReport(queues, id);
      return true;
    }
    const asked = await changeBuild(store, id, { within: ['running'], set: { cancel: reason } });
    if (asked === 'ok') return true;
    // Its worker may have handed it back in between.
    if (asked.refused !== 'state' || asked.state !== 'queued') return false;
  }
}
