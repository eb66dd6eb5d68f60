import { createHash, randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import { issueUserToken } from './people.ts';
import type { World } from './world.ts';

const code = (): string => randomBytes(10).toString('hex');

const withQuery = (address: string, query: Record<string, string | undefined>): string => {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
};

type Exchange = Record<string, string | undefined>;

/** A wrong exchange is answered 200 with an error, as GitHub does. */
const exchange = (world: World, sent: Exchange): Record<string, string | number> => {
  if (sent.client_id !== world.clientId || sent.client_secret !== world.clientSecret) {
    return { error: 'incorrect_client_credentials' };
  }
  if (sent.grant_type === 'refresh_token') {
    const old = [...world.userTokens.values()].find(
      ({ refresh }) => refresh === sent.refresh_token,
    );
    if (!old || !sent.refresh_token) return { error: 'bad_refresh_token' };
    // https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
    world.userTokens.delete(old.token);
    return issueUserToken(world, old.person);
  }
  const started = world.signIns.get(sent.code ?? '');
  world.signIns.delete(sent.code ?? '');
  if (!started) return { error: 'bad_verification_code' };
  const hash = createHash('sha256')
    .update(sent.code_verifier ?? '')
    .digest('base64url');
  if (started.challenge !== null && hash !== started.challenge) {
    return { error: 'bad_verification_code' };
  }
  if (sent.redirect_uri && started.redirectUri && sent.redirect_uri !== started.redirectUri) {
    return { error: 'redirect_uri_mismatch' };
  }
  return issueUserToken(world, started.person);
};

/**
 * The pages that browsers visit: signing in (OAuth with PKCE, S256) as whoever is at the browser,
 * and registering the App from a manifest.
 */
export const addPages = <T extends Hono>(app: T, world: World): void => {
  app.get('/login/oauth/authorize', (context) => {
    const { client_id, code_challenge, redirect_uri, state } = context.req.query();
    if (client_id !== world.clientId || !redirect_uri) return context.text('Not Found', 404);
    if (!world.atBrowser) return context.html('<h1>Sign in to GitHub</h1>');
    const fresh = code();
    world.signIns.set(fresh, {
      person: world.atBrowser,
      challenge: code_challenge ?? null,
      redirectUri: redirect_uri,
    });
    return context.redirect(withQuery(redirect_uri, { code: fresh, state }));
  });
  app.post('/login/oauth/access_token', async (context) => {
    const text = await context.req.text();
    const json = context.req.header('content-type')?.includes('json');
    const sent = json ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
    const answer = exchange(world, sent as Exchange);
    if (context.req.header('accept')?.includes('json')) return context.json(answer);
    const pairs = Object.entries(answer).map(([name, value]) => [name, String(value)]);
    return context.body(new URLSearchParams(Object.fromEntries(pairs)).toString(), 200, {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    });
  });
  for (const path of ['/settings/apps/new', '/organizations/:organization/settings/apps/new']) {
    app.post(path, async (context) => {
      const form = new URLSearchParams(await context.req.text());
      const manifest = JSON.parse(form.get('manifest') ?? '{}') as Record<string, unknown>;
      world.manifests.push(manifest);
      const fresh = code();
      world.manifestCodes.add(fresh);
      const state = context.req.query('state') ?? form.get('state') ?? undefined;
      return context.redirect(withQuery(String(manifest.redirect_url), { code: fresh, state }));
    });
  }
};
