import type { Tokens } from '../github/oauth.ts';
import { revokeToken } from '../github/revoke-token.ts';
import type { SignIn } from './sign-in.ts';

/** Ends a token that nothing needs any more; what cannot be ended now ends by itself in hours. */
export async function endToken({ app, log }: SignIn, { token }: Tokens): Promise<void> {
  try {
    await revokeToken(app, token);
  } catch (error) {
    log.warn(
      { err: error },
      'GitHub could not be asked to end the token of somebody who signed out',
    );
  }
}
