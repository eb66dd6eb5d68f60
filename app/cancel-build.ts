import { changeBuild, type Store } from '../queue/build-store.ts';
import { endQueued } from '../queue/end-queued.ts';
import type { Queues } from '../queue/queues.ts';

/** The sentence of a cancellation; takes the login of whoever asked, null if it is not known. */
export const cancelledBy = (login: string | null): string => `Cancelled by ${login ?? 'request'}.`;

/**
 * Cancels a build: at once while it is queued, through its worker while it runs. Returns false if
 * it had ended. `reason` is the sentence the record and the check show.
 */
export async function cancelBuild(
  deps: { store: Store; queues: Queues },
  id: string,
  reason: string,
): Promise<boolean> {
  for (;;) {
    if (await endQueued(deps, id, reason)) return true;
    const asked = await changeBuild(deps.store, id, {
      within: ['running'],
      set: { cancel: reason },
    });
    if (asked === 'ok') return true;
    // Its worker may have handed it back in between.
    if (asked.refused !== 'state' || asked.state !== 'queued') return false;
  }
}
