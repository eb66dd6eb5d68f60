import { z } from 'zod';
import type { Ask } from './ask-as.ts';

/** A page holds 100 at most; so many questions are asked for one person. */
const usual = { perPage: 100, mostCalls: 50 };

const installationsSchema = z.object({
  installations: z.array(z.object({ id: z.number(), suspended_at: z.string().nullish() })),
});
const repositoriesSchema = z.object({ repositories: z.array(z.object({ id: z.number() })) });

/**
 * The ids of the repositories that the App is installed on and that the bearer of a user's token
 * owns or was given access to (https://docs.github.com/en/rest/apps/installations), the first 4,900
 * unless told. None for a token that is no user's, or not of this App. Throws if GitHub does not
 * answer.
 */
export async function sharedRepositories(
  ask: Ask,
  apiUrl: string,
  token: string,
  limits = usual,
): Promise<Set<number>> {
  const url = `${apiUrl}/user/installations`;
  const left = { ...limits };
  const ids = new Set<number>();
  for await (const data of pages(ask, url, token, left)) {
    for (const { id, suspended_at: since } of installationsSchema.parse(data).installations) {
      if (since) continue;
      for await (const part of pages(ask, `${url}/${id}/repositories`, token, left)) {
        for (const repository of repositoriesSchema.parse(part).repositories)
          ids.add(repository.id);
      }
    }
  }
  return ids;
}

/** The pages of a list as far as the calls go that are left; none where GitHub refuses it. */
async function* pages(ask: Ask, url: string, token: string, left: typeof usual) {
  for (let page = 1; left.mostCalls > 0; page += 1) {
    left.mostCalls -= 1;
    const answer = await ask(`${url}?per_page=${left.perPage}&page=${page}`, token);
    if (!answer.ok) return;
    yield await answer.json();
    if (!/rel="next"/.test(answer.headers.get('link') ?? '')) return;
  }
}
