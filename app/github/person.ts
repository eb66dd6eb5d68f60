import { z } from 'zod';
import { askAs } from './ask-as.ts';

const userSchema = z.object({
  login: z.string(),
  name: z.string().nullish(),
  avatar_url: z.string().default(''),
});

/** Somebody as GitHub shows them; `name` is their login where they gave none. */
export type Person = { login: string; name: string; avatarUrl: string };

/** Whose token it is. Throws if GitHub does not say. */
export async function personWith(apiUrl: string, token: string): Promise<Person> {
  const answer = await askAs(`${apiUrl}/user`, token);
  if (!answer.ok)
    throw new Error(`GitHub answered ${answer.status} when asked whose token it gave.`);
  const { login, name, avatar_url: avatarUrl } = userSchema.parse(await answer.json());
  return { login, name: name || login, avatarUrl };
}
