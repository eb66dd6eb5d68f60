import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An answer other than the one hoped for; the API's error handler turns it into JSON. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: ContentfulStatusCode;
  /** A word for programs, e.g. `not_found`. */
  readonly code: string;
  /** Where people go on, as a link on the page; programs do not see it. */
  readonly next: { text: string; href: string } | null;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    next: ApiError['next'] = null,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.next = next;
  }
}

/** The answer for what is not there, and just so for what the caller may not see. */
export const notFound = (what: string): ApiError =>
  new ApiError(404, 'not_found', `There is no ${what}, or you may not see it.`);

/** The body of every error of the API. */
export const errorJson = (c: Context, { status, code, message }: ApiError): Response =>
  c.json({ error: { code, message } }, status);
