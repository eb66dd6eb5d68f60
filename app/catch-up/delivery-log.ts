/** One attempt of GitHub to deliver a webhook, as its list shows it; ids grow. */
export type Attempt = {
  id: number;
  /** The same for every attempt of one delivery. */
  guid: string;
  event: string;
  action: string | null;
  /** The status that it was answered with; 0 where there was no answer. */
  code: number;
  /** Milliseconds since the epoch. */
  deliveredAt: number;
};

/** GitHub's list of the webhooks it sent the App; every call counts against catch-up's budget. */
export type DeliveryLog = {
  /**
   * The attempts since a moment that is told GitHub's time, both in milliseconds since the epoch;
   * `asOf` is that time. GitHub's memory is the limit.
   */
  attempts(sinceAt: (now: number) => number): Promise<{ attempts: Attempt[]; asOf: number }>;
  /** What was delivered; null where GitHub has forgotten it. */
  payload(attempt: number): Promise<unknown>;
  /** Has it delivered once more, with the same GUID; false where GitHub has forgotten it. */
  sendAgain(attempt: number): Promise<boolean>;
};
