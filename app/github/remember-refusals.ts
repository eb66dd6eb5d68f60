import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Ask, askAs } from './ask-as.ts';

/** How long a token is taken for worthless, in milliseconds, and how many are known at most. */
const remembered = { ttl: 60_000, max: 10_000 };

/**
 * Asks as `askAs` does, but not again for a minute with a token that GitHub does not take at all: a
 * token of nobody costs one question, whatever is asked with it.
 */
export function rememberRefusals(): Ask {
  const worthless = new LRUCache<string, true>(remembered);
  return async (url, token) => {
    const key = createHash('sha256').update(token).digest('base64');
    if (worthless.has(key)) return new Response(null, { status: 401 });
    const answer = await askAs(url, token);
    if (answer.status === 401) worthless.set(key, true);
    return answer;
  };
}
