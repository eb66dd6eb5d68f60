import { setTimeout as sleep } from 'node:timers/promises';

/** A request as a fault looks at it; the path is without `/api/v3` and without the query. */
export type FaultRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** The body's text; empty for git. */
  body: string;
};

/** Something that goes wrong, or waits, on demand. */
export type Fault = {
  /**
   * Which requests: a function, an expression for `METHOD path`, or a pattern such as
   * `POST /repos/acme/*`, where a star stands for anything but a slash and two for anything.
   */
  match: string | RegExp | ((request: FaultRequest) => boolean);
  /** How many requests it meets; all until it is removed unless told. */
  times?: number;
  /** Waits before anything else happens. */
  delayMs?: number;
  /** Waits until the promise is settled or the signal aborted. */
  until?: Promise<unknown> | AbortSignal;
  /** The answer instead of GitHub's. */
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Cuts the connection instead of an answer. */
  drop?: boolean;
  /** The request takes effect before its answer is replaced or cut. */
  applied?: boolean;
};

const expression = (pattern: string): RegExp => {
  const parts = pattern.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
};

const matches = (fault: Fault, request: FaultRequest): boolean => {
  const { match } = fault;
  if (typeof match === 'function') return match(request);
  const line = `${request.method} ${request.path}`;
  return typeof match === 'string' ? expression(match).test(line) : match.test(line);
};

/** Takes the first fault that meets a request, and counts it. */
export const takeFault = (
  faults: { fault: Fault; left: number }[],
  request: FaultRequest,
): Fault | undefined => {
  const found = faults.find(({ fault, left }) => left > 0 && matches(fault, request));
  if (found) found.left -= 1;
  return found?.fault;
};

/** Waits as long as a fault says. */
export const waitFor = async ({ delayMs, until }: Fault): Promise<void> => {
  if (delayMs !== undefined) await sleep(delayMs);
  if (until instanceof AbortSignal) {
    if (!until.aborted) {
      await new Promise((resolve) => until.addEventListener('abort', resolve, { once: true }));
    }
  } else await until?.catch(() => undefined);
};

/** The answer of a fault that has a status, with the body that GitHub sends with such a status. */
export const faultAnswer = ({ body, headers, status = 502 }: Fault): Response => {
  const messages: Record<number, string> = {
    401: 'Bad credentials',
    403: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    404: 'Not Found',
    422: 'Validation Failed',
    429: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  };
  const message = messages[status];
  const json = JSON.stringify({ message, documentation_url: 'https://docs.github.com/rest' });
  const page = '<html><body><h1>Unicorn!</h1></body></html>';
  const type = message ? 'application/json; charset=utf-8' : 'text/html';
  return new Response(body ?? (message ? json : page), {
    status,
    headers: { 'content-type': type, ...headers },
  });
};
