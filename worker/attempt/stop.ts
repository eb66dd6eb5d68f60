import type { StoredBuild } from '../../queue/build-store.ts';

/** Why an attempt is stopped from outside while it runs. */
export class Stop extends Error {
  override name = 'Stop';
  readonly kind: 'cancelled' | 'timeout' | 'handed back' | 'lost' | 'engine away';

  constructor(kind: Stop['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The build, of which this is the record, is not this attempt's any more: it may write nothing more. */
export const lost = (now: StoredBuild | null): Stop =>
  new Stop(
    'lost',
    now ? 'Another worker has taken over.' : 'Redis has lost the record of the build.',
  );
