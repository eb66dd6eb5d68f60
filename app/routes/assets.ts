import { readdirSync, readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { icon } from '../pages/icon.ts';
import { style } from '../pages/style.ts';

/** What pages load beside themselves: the style, the scripts of `app/browser`, the icon. */
export function assets(): Hono {
  const scripts = browserScripts(new URL('../browser/', import.meta.url));
  return new Hono()
    .use(etag(), async (c, next) => {
      await next();
      // Asked for again each time, at the price of a 304: the next release is seen at once.
      c.header('cache-control', 'no-cache');
    })
    .get('/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))
    .get('/icon.svg', (c) => c.body(icon, 200, { 'content-type': 'image/svg+xml' }))
    .get('/:script', (c) => {
      const script = scripts.get(c.req.param('script'));
      if (script === undefined) return c.notFound();
      return c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' });
    });
}

/** The compiled scripts by name, read once: they do not change while a process lives. */
function browserScripts(folder: URL): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
}
