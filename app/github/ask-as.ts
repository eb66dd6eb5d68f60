/** Milliseconds within which GitHub must answer, so that no page waits for longer. */
export const patience = 8_000;

/** Asks GitHub's API as the bearer of a token, see `askAs`. */
export type Ask = (url: string, token: string) => Promise<Response>;

/**
 * What GitHub's API answers the bearer of a token, which may be a refusal. Throws if it does not
 * answer, fails, or has been asked too much, which says nothing of what the bearer may do.
 */
export async function askAs(url: string, token: string): Promise<Response> {
  const answer = await fetch(url, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'slipway',
    },
    signal: AbortSignal.timeout(patience),
  });
  if (answer.status < 500 && !isTooMuch(answer)) return answer;
  await answer.body?.cancel();
  throw new Error(`GitHub answered ${answer.status} when it was asked what somebody may do.`);
}

/** See https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit. */
const isTooMuch = ({ status, headers }: Response): boolean =>
  status === 429 ||
  (status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0'));
