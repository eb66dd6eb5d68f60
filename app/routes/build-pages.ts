import { Hono } from 'hono';
import { readLog } from '../../queue/read-log.ts';
import { gapText } from '../browser/gap-text.ts';
import { type Beginning, buildPage } from '../pages/build-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { visibleBuild } from './builds-api.ts';
import { tokenOf, type WebEnv } from './caller.ts';

/** About so much of a log is in the page itself; the script fetches the rest. */
const mostInPage = { lines: 5_000, characters: 500_000 };

/** The page of a build. */
export const buildPages = (deps: WebDeps): Hono<WebEnv> =>
  new Hono<WebEnv>().get('/:id', async (c) => {
    const build = await visibleBuild(deps, tokenOf(c), c.req.param('id'));
    return c.html(buildPage(c.var.caller, build, await beginningOf(deps, build.id)));
  });

/** The beginning of a log as the page shows it, and the number of the last line in it. */
async function beginningOf({ store, archive, publicUrl }: WebDeps, id: string): Promise<Beginning> {
  const beginning: Beginning = { texts: [], last: 0 };
  const url = `${publicUrl}/api/builds/${id}/log`;
  let size = 0;
  for await (const event of readLog(store, archive, id)) {
    if ('build' in event) break;
    const texts = 'gap' in event ? [gapText(event.gap, url)] : event.lines.map((line) => line.text);
    beginning.texts.push(...texts);
    beginning.last = 'gap' in event ? event.gap.last : event.lines.at(-1)!.n;
    size += texts.reduce((sum, text) => sum + text.length, 0);
    if (beginning.texts.length >= mostInPage.lines || size >= mostInPage.characters) break;
  }
  return beginning;
}
