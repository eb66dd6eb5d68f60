/** The registry will not take this image however often it is asked. `message` quotes its words. */
export class PushRefused extends Error {
  override name = 'PushRefused';
  /** Whether the credentials were the reason: fresh ones may do better. */
  readonly unauthorized: boolean;

  constructor(message: string, unauthorized: boolean, options?: ErrorOptions) {
    super(message, options);
    this.unauthorized = unauthorized;
  }
}

/** The push did not get through, but a later one may: an outage, a broken connection, a stall. */
export class PushInterrupted extends Error {
  override name = 'PushInterrupted';
}
