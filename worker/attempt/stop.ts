/** Why an attempt is stopped from outside while it runs. */
export class Stop extends Error {
  override name = 'Stop';
  readonly kind: 'cancelled' | 'timeout' | 'handed back' | 'lost';

  constructor(kind: Stop['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
