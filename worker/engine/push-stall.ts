import { sizeText } from '../../queue/text.ts';
import { PushInterrupted } from './push-errors.ts';

/** What of the Engine's event tells how far a layer is. */
export type PushProgress = {
  id?: string;
  status?: string;
  progressDetail?: { current?: number };
};

/** A slower push counts as standing still, in bytes a second. */
const slowest = 4_000;

/**
 * Calls `onStall` once a push has not got on for `patience` milliseconds: no event came, or layers
 * moved more slowly than any network that works. A registry that says nothing, or takes a byte now
 * and then, would hold the Engine for ever.
 */
export function watchForStall(
  patience: number,
  onStall: (error: PushInterrupted) => void,
): { heard: (event: PushProgress) => void; end: () => void } {
  const least = (slowest * patience) / 1_000;
  const sent = new Map<string, number>();
  let moved: number | null = null;
  const timer = setTimeout(() => {
    const seconds = `${Math.round(patience / 1_000)} s`;
    const what =
      moved === null
        ? `Nothing was heard of the push for ${seconds}`
        : `Less than ${sizeText(least)} of the push got through in ${seconds}`;
    onStall(new PushInterrupted(what));
  }, patience);
  return {
    heard({ id = '', status, progressDetail }) {
      if (status === 'Pushing') {
        const current = progressDetail?.current ?? 0;
        moved = (moved ?? 0) + Math.max(current - (sent.get(id) ?? 0), 0);
        sent.set(id, current);
        if (moved < least) return;
      }
      moved = null;
      timer.refresh();
    },
    end: () => clearTimeout(timer),
  };
}
