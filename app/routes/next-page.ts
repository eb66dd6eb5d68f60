import type { Context } from 'hono';

/** Says where a list goes on (https://www.rfc-editor.org/rfc/rfc8288), unless this is its last page. */
export function linkNext(c: Context, publicUrl: string, cursor: string | null): void {
  if (cursor === null) return;
  const { pathname, searchParams } = new URL(c.req.url);
  searchParams.set('cursor', cursor);
  c.header('link', `<${publicUrl}${pathname}?${searchParams}>; rel="next"`);
}
