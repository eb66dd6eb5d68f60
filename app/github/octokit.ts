import { ProbotOctokit } from 'probot';
import { fetchWhole } from './fetch-whole.ts';

/**
 * Milliseconds for which GitHub may be silent while it is asked: it ends by itself what takes longer
 * than 10 s (https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts).
 */
const patience = 20_000;

/**
 * GitHub's client as Probot has it, but without its waiting for the end of a rate limit: an hour's
 * wait inside of ten jobs would hold up everybody else's. Whoever asked tries again later, no
 * sooner than `askedPause` says. Nor does it wait for an answer that does not come.
 */
export const Octokit = ProbotOctokit.defaults((options: Options) => ({
  ...options,
  request: {
    ...options.request,
    fetch: (url: string, init: RequestInit) => fetchWhole(patience, url, init),
  },
  throttle: {
    ...options.throttle,
    onRateLimit: () => false,
    onSecondaryRateLimit: () => false,
  },
  // Those of the plugin, and 429: its own pauses are shorter than what GitHub asks for.
  retry: { ...options.retry, doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451] },
}));

type Options = NonNullable<ConstructorParameters<typeof ProbotOctokit>[0]>;

/**
 * For requests that make something: after a 502 or a cut connection it may be there, and Octokit's
 * own second try would make another.
 */
export const once = { request: { retries: 0 } };
