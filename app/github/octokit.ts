import { ProbotOctokit } from 'probot';

/**
 * GitHub's client as Probot has it, but without its waiting for the end of a rate limit: an hour's
 * wait inside of ten jobs would hold up everybody else's. Whoever asked tries again later, no
 * sooner than `askedPause` says.
 */
export const Octokit = ProbotOctokit.defaults((options: Options) => ({
  ...options,
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
