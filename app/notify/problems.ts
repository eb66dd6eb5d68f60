import { UnrecoverableError } from 'bullmq';
import { Refused } from './addresses.ts';
import type { Answer } from './send.ts';
import type { Target } from './target.ts';
import { withoutUrl } from './without-url.ts';

/** A notification was not taken, and is tried again. */
export class NotDelivered extends Error {
  override name = 'NotDelivered';
  /** What the receiver's Retry-After asks for, in milliseconds; null if there was none. */
  readonly askedPause: number | null;

  constructor(message: string, askedPause: number | null, options?: ErrorOptions) {
    super(message, options);
    this.askedPause = askedPause;
  }
}

/**
 * What an answer other than a good one means; null for a good one. Of Standard Webhooks is that 410
 * asks for no more (https://www.standardwebhooks.com).
 */
export function problemOf({ status, retryAfter }: Answer): Error | null {
  if (status >= 200 && status < 300) return null;
  if (status === 410) return new UnrecoverableError('The receiver wants no more of it (410).');
  const isRedirect = status >= 300 && status < 400;
  const more = isRedirect ? ', and redirects are not followed' : '';
  const asked = readRetryAfter(retryAfter, Date.now());
  return new NotDelivered(`The receiver answered ${status}${more}.`, asked);
}

/** A problem on the way as it may be logged and shown, without what is secret in the URL. */
export function withoutSecrets(error: Error, target: Target | null): Error {
  if (error instanceof UnrecoverableError) return error;
  if (error instanceof Refused) return new UnrecoverableError(error.message);
  // A name with several addresses, of which each failed in its own way.
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  const message = first.message || first.name;
  return new NotDelivered(target ? withoutUrl(message, target.url) : message, null, {
    cause: error,
  });
}

/** A Retry-After in milliseconds: seconds or a date (RFC 9110, 10.2.3); null for anything else. */
export function readRetryAfter(text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}
