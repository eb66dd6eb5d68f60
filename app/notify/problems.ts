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
  const message = sentenceOf(first, target);
  return new NotDelivered(target ? withoutUrl(message, target.url) : message, null, {
    cause: error,
  });
}

/** What went wrong, in a sentence that names the receiver's host where the code is a known one. */
function sentenceOf(error: NodeJS.ErrnoException, target: Target | null): string {
  const { code = '', message, name } = error;
  const known = target && sentences(new URL(target.url).hostname)[code];
  return known ? `${known} (${code}).` : `${message || name}.`.replace(/\.\.$/, '.');
}

const sentences = (host: string): Record<string, string> => ({
  ENOTFOUND: `The name ${host} is not known`,
  EAI_AGAIN: `The DNS does not answer for ${host}`,
  ECONNREFUSED: `${host} refuses the connection`,
  ECONNRESET: `${host} broke the connection off`,
  EHOSTUNREACH: `There is no route to ${host}`,
  ETIMEDOUT: `${host} takes no connection`,
  CERT_HAS_EXPIRED: `The certificate of ${host} has expired`,
  ERR_TLS_CERT_ALTNAME_INVALID: `The certificate of ${host} is for another name`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `The certificate of ${host} is signed by itself`,
});

/** A Retry-After in milliseconds: seconds or a date (RFC 9110, 10.2.3); null for anything else. */
export function readRetryAfter(text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}
