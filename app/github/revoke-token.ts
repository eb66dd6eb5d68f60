import { patience } from './ask-as.ts';
import type { OAuthApp } from './oauth.ts';

/**
 * Has GitHub end a person's token
 * (https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token); one that has ended
 * already is as good. Throws if GitHub does not do it.
 */
export async function revokeToken(app: OAuthApp, token: string): Promise<void> {
  const { apiUrl, clientId, clientSecret } = app;
  const answer = await fetch(`${apiUrl}/applications/${encodeURIComponent(clientId)}/token`, {
    method: 'DELETE',
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/json',
      'user-agent': 'slipway',
    },
    body: JSON.stringify({ access_token: token }),
    signal: AbortSignal.timeout(patience),
  });
  await answer.body?.cancel();
  if (answer.ok || answer.status === 404 || answer.status === 422) return;
  throw new Error(`GitHub answered ${answer.status} when it was asked to end a token.`);
}
