/** Why an attempt is stopped from outside while it runs. */
export class Stop extends Error {
  override name = 'Stop';
  readonly kind: 'cancelled' | 'timeout' | 'handed back' | 'lost' | 'engine away';

  constructor(kind: Stop['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The build is another attempt's by now: this one may write nothing more. */
export const takenOver = (): Stop => new Stop('lost', 'Another worker has taken over.');
