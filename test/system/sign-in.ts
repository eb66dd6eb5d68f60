import type { Slipway } from './start-slipway.ts';

/** An answer that leads on, and the cookies a browser would send from then on. */
type Step = { answer: Response; location: string; cookie: string };

/** What signing in needs of a Slipway. */
type Place = Pick<Slipway, 'url' | 'github'>;

/** Visits an address as a browser does that follows nothing by itself. */
export async function visit(url: string, cookie = ''): Promise<Step> {
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
  const kept = new Map(cookie.split('; ').map((pair) => [pair.split('=')[0], pair]));
  for (const set of answer.headers.getSetCookie()) {
    const [pair = ''] = set.split(';');
    const [name, value] = pair.split('=');
    if (value === '') kept.delete(name);
    else kept.set(name, pair);
  }
  const location = answer.headers.get('location') ?? '';
  return { answer, location, cookie: [...kept.values()].filter(Boolean).join('; ') };
}

/** Begins to sign in and goes to GitHub; `location` is where GitHub sends the browser back to. */
export async function atCallback({ url, github }: Place, login: string, to = '/'): Promise<Step> {
  github.signInAs(login);
  const begun = await visit(`${url}/sign-in?to=${encodeURIComponent(to)}`);
  const { location } = await visit(begun.location);
  return { ...begun, location };
}

/** Signs somebody in without a browser; answers the cookie. */
export async function signedIn(place: Place, login: string): Promise<string> {
  const { location, cookie } = await atCallback(place, login);
  return (await visit(location, cookie)).cookie;
}
