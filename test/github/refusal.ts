/** An answer other than the one asked for, thrown by a handler. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;

  constructor(
    status: number,
    message: string,
    more: { headers?: Record<string, string>; body?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = more.headers ?? {};
    this.body = {
      message,
      documentation_url: 'https://docs.github.com/rest',
      status: String(status),
      ...more.body,
    };
  }
}

/** The answer for what is not there, or not for this caller to know of. */
export const notFound = (): Refusal => new Refusal(404, 'Not Found');

/** 422 with GitHub's usual list of errors. */
export const invalid = (message: string, field?: string): Refusal =>
  new Refusal(422, message, {
    body: field ? { errors: [{ resource: 'CheckRun', field, code: 'invalid' }] } : {},
  });
