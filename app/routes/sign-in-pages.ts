import { type Context, Hono } from 'hono';
import { z } from 'zod';
import {
  authorizeUrl,
  type Begun,
  beginning,
  exchangeCode,
  OAuthRefused,
} from '../github/oauth.ts';
import { personWith } from '../github/person.ts';
import { returnPath } from '../sign-in/return-path.ts';
import { seal, unseal } from '../sign-in/seal.ts';
import { beginSession, endSession } from '../sign-in/session.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError, notFound } from './api-error.ts';
import type { WebEnv } from './caller.ts';
import { beginningCookie, forget, keep, read, sessionCookie } from './session-cookie.ts';

/** Signing in with GitHub, and out again. */
export function signInPages({ signIn }: WebDeps): Hono<WebEnv> {
  const pages = new Hono<WebEnv>();
  if (!signIn) {
    return pages.on(['GET', 'POST'], ['/sign-in', '/sign-in/callback', '/sign-out'], () => {
      throw notFound('such page');
    });
  }
  return pages
    .get('/sign-in', async (c) => c.redirect(await begin(c, signIn)))
    .get('/sign-in/callback', async (c) => c.redirect(await finish(c, signIn)))
    .post('/sign-out', async (c) => {
      const cookie = sessionCookie(signIn.publicUrl);
      const id = read(c, cookie);
      if (id) await endSession(signIn, id);
      forget(c, cookie);
      return c.redirect('/', 303);
    });
}

const purpose = 'sign-in';
const begunSchema = z.object({ state: z.string(), verifier: z.string(), to: z.string() });

/** Remembers in the browser how its sign-in began; answers where on GitHub it goes on. */
async function begin(c: Context, { app, publicUrl }: SignIn): Promise<string> {
  const begun = beginning();
  const to = returnPath(c.req.query('to') ?? pathBefore(c));
  const sealed = await seal(app.clientSecret, purpose, { ...begun, to }, '10m');
  keep(c, beginningCookie(publicUrl), sealed);
  return authorizeUrl(app, redirectUri(publicUrl), begun);
}

/** Signs in whom GitHub sent back; answers where they wanted to go. */
async function finish(c: Context, signIn: SignIn): Promise<string> {
  const { app, publicUrl } = signIn;
  const cookie = sessionCookie(publicUrl);
  const query = new URL(c.req.url).searchParams;
  const content = await unseal(
    app.clientSecret,
    purpose,
    read(c, beginningCookie(publicUrl)) ?? '',
  );
  const begun = begunSchema.safeParse(content).data;
  if (!begun || query.get('state') !== begun.state) throw notBegunHere(publicUrl);
  forget(c, beginningCookie(publicUrl));
  const tokens = await tokensFor(signIn, query, begun);
  const person = await personWith(app.apiUrl, tokens.token);
  const before = read(c, cookie);
  keep(c, cookie, await beginSession(signIn, person, tokens));
  if (before) await endSession(signIn, before);
  return begun.to;
}

async function tokensFor({ app, publicUrl }: SignIn, query: URLSearchParams, begun: Begun) {
  try {
    return await exchangeCode(app, redirectUri(publicUrl), query, begun);
  } catch (error) {
    if (error instanceof OAuthRefused) throw refusal(error, publicUrl);
    throw error;
  }
}

/** The path of the page on which somebody chose to sign in, which every browser tells. */
function pathBefore(c: Context): string | undefined {
  const before = c.req.header('referer') ?? '';
  if (!URL.canParse(before)) return undefined;
  const { host, pathname, search } = new URL(before);
  return host === c.req.header('host') ? `${pathname}${search}` : undefined;
}

const redirectUri = (publicUrl: string): string => `${publicUrl}/sign-in/callback`;

const notBegunHere = (publicUrl: string): ApiError =>
  new ApiError(
    403,
    'bad_state',
    'This sign-in was not begun in this browser within the last ten minutes, or another was since.',
    again(publicUrl),
  );

/** Under the service's own address, whatever address was asked: its cookies are for that one. */
const again = (publicUrl: string): ApiError['next'] => ({
  text: 'Sign in again',
  href: `${publicUrl}/sign-in`,
});

/** What to do about a refusal, by GitHub's word for it or, where that is the operator's part, whose. */
function refusal({ code }: OAuthRefused, publicUrl: string): ApiError {
  const [status, message] = refusals(redirectUri(publicUrl))[code] ?? [
    502,
    `GitHub did not sign you in${/^[\w.-]{1,50}$/.test(code) ? ` (${code})` : ''}. Sign in again.`,
  ];
  return new ApiError(status, 'not_signed_in', message, again(publicUrl));
}

/** See https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors. */
const refusals = (redirectUri: string): Record<string, [403 | 502, string]> => ({
  access_denied: [403, 'You are not signed in: at GitHub it was refused. Sign in to try again.'],
  bad_verification_code: [403, 'This sign-in is used up or too old for GitHub. Sign in again.'],
  incorrect_client_credentials: [
    502,
    'GitHub does not take this service’s own keys. Whoever runs it has to look at GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.',
  ],
  redirect_uri_mismatch: [
    502,
    `The GitHub App does not know this address. Whoever runs this service has to add ${redirectUri} to the App’s callback URLs.`,
  ],
});
