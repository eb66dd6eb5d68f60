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

/** The answer for who may see it and not change it: 401 for strangers, 403 with what they need for others. */
export const mayNotWrite = (token: string | null, needed: string): ApiError =>
  token === null
    ? new ApiError(
        401,
        'unauthenticated',
        `${needed} Sign in, or send a GitHub token as Authorization: Bearer ….`,
      )
    : new ApiError(403, 'forbidden', needed);

/** The body of every error of the API. */
export const errorJson = (c: Context, { status, code, message }: ApiError): Response =>
  c.json({ error: { code, message } }, status);
