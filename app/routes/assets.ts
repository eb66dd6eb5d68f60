import { readdirSync, readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { icon, signs } from '../pages/icon.ts';
import { style } from '../pages/style.ts';

/** What pages load beside themselves: the style, the scripts of `app/browser`, the icons. */
export function assets(): Hono {
  const scripts = browserScripts(new URL('../browser/', import.meta.url));
  const icons = new Map(Object.entries(signs).map(([name, sign]) => [`icon-${name}.svg`, sign]));
  icons.set('icon.svg', icon);
  return new Hono()
    .use(etag(), async (c, next) => {
      await next();
      // Asked for again each time, at the price of a 304: the next release is seen at once.
      c.header('cache-control', 'no-cache');
    })
    .get('/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))
    .get('/:name', (c) => {
      const name = c.req.param('name');
      const image = icons.get(name);
      if (image) return c.body(image, 200, { 'content-type': 'image/svg+xml' });
      const script = scripts.get(name);
      if (script === undefined) return c.notFound();
      return c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' });
    });
}

/** Libraries that the scripts import; each is one file without imports of its own. */
const libraries = ['ansi-sequence-parser'];

/** The compiled scripts by name, read once: they do not change while a process lives. */
function browserScripts(folder: URL): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const scripts = names.map((name) => [name, new URL(name, folder)] as const);
  const theirs = libraries.map(
    (name) => [`${name}.js`, new URL(import.meta.resolve(name))] as const,
  );
  return new Map([...scripts, ...theirs].map(([name, url]) => [name, forBrowsers(url)]));
}

/** A browser knows no bare names, and an import map would have to stand in the page itself. */
const forBrowsers = (url: URL): string =>
  libraries.reduce(
    (text, name) => text.replace(`from '${name}'`, `from './${name}.js'`),
    readFileSync(url, 'utf8'),
  );
