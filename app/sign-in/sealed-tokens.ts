import { z } from 'zod';
import type { Tokens } from '../github/oauth.ts';
import { seal, unseal } from './seal.ts';
import type { SignIn } from './sign-in.ts';

const tokensSchema = z.object({
  token: z.string(),
  expiry: z.object({ at: z.number(), refresh: z.string() }).nullable(),
});

/** Encrypts tokens for one session: without its id, which only the browser has, nobody opens them. */
export const sealTokens = ({ app }: SignIn, id: string, tokens: Tokens): Promise<string> =>
  seal(app.clientSecret, `session ${id}`, tokens);

/** Null for tokens that were sealed for another session, or under another client secret. */
export async function openTokens({ app }: SignIn, id: string, sealed: string) {
  const content = await unseal(app.clientSecret, `session ${id}`, sealed);
  return content && tokensSchema.parse(content);
}
