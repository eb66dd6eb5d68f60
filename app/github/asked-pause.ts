/** Where GitHub gives no time with a secondary limit, in milliseconds. */
const leastPause = 60_000;

/** A used-up limit is set back within the hour, in milliseconds. */
const longestPause = 3_600_000;

/**
 * How long GitHub asks to be left alone with this refusal, in milliseconds; 0 where it does not. See
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit.
 */
export function askedPause(error: Error, now: number): number {
  const { status, message, response } = error as Refusal;
  if (status !== 403 && status !== 429) return 0;
  const { 'retry-after': seconds, ...headers } = response?.headers ?? {};
  const isUsedUp = headers['x-ratelimit-remaining'] === '0';
  if (seconds) return within(Number(seconds) * 1_000);
  // A second more: clocks differ.
  if (isUsedUp) return within(Number(headers['x-ratelimit-reset']) * 1_000 - now + 1_000);
  return /secondary rate/i.test(message) ? leastPause : 0;
}

/** What Octokit throws for an answer that is an error. */
type Refusal = Error & {
  status?: number;
  response?: { headers?: Record<string, string | undefined> };
};

const within = (pause: number): number =>
  Number.isFinite(pause) ? Math.min(Math.max(pause, 0), longestPause) : leastPause;
