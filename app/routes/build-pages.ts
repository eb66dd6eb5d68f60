import { type Context, Hono } from 'hono';
import type { StoredBuild } from '../../queue/build-store.ts';
import { createExcerpts } from '../log/dockerfile-excerpt.ts';
import { readPart } from '../log/log-part.ts';
import { whySlow } from '../log/why-slow.ts';
import { charactersInPart, linesInPart } from '../pages/build-log.ts';
import { buildFacts, buildPage, type Shown } from '../pages/build-page.ts';
import { slowPage } from '../pages/slow-page.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { readParameters } from './api-input.ts';
import { buildForms } from './build-forms.ts';
import { visibleBuild } from './builds-api.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { streamLines } from './log-stream.ts';
import { linesQuerySchema, readLine } from './query.ts';

/** About so much of a log is in the page itself; the script fetches the rest. */
const limit = { lines: linesInPart, characters: charactersInPart };

/** The page of a build, the parts of it that are asked for later, and what its forms ask for. */
export function buildPages(deps: WebDeps): Hono<WebEnv> {
  const excerptOf = createExcerpts(deps.planner.forge, deps.log);

  const shownTo = async (c: Context<WebEnv>, build: StoredBuild): Promise<Shown> => {
    // A GitHub that does not answer takes the buttons off the page, and leaves the page.
    const access = deps.gate.accessNow(tokenOf(c), build).catch((error) => {
      deps.log.warn({ err: error, build: build.id }, 'A page is shown without its buttons');
      return 'read' as const;
    });
    const [excerpt, may] = await Promise.all([excerptOf(build), access]);
    // What GitHub does not show to somebody is not public, whatever we were told last.
    if (may === 'none') throw notFound('such build');
    return { build, excerpt, mayWrite: may === 'write' };
  };

  return new Hono<WebEnv>()
    .get('/:id', async (c) => {
      const build = await visibleBuild(deps, tokenOf(c), c.req.param('id'));
      const first = readLine(c.req.query('line'));
      const url = `${deps.publicUrl}/api/builds/${build.id}/log`;
      const part = await readPart(deps, build.id, { first, limit, url });
      return c.html(buildPage(c.var.caller, await shownTo(c, build), part));
    })
    .get('/:id/facts', async (c) => {
      const build = await visibleBuild(deps, tokenOf(c), c.req.param('id'));
      return c.html(buildFacts(await shownTo(c, build)));
    })
    .get('/:id/lines', async (c) => {
      const build = await visibleBuild(deps, tokenOf(c), c.req.param('id'));
      const { after } = readParameters(linesQuerySchema, c.req.query());
      return streamLines(c, deps, build, after);
    })
    .get('/:id/slow', async (c) => {
      const build = await visibleBuild(deps, tokenOf(c), c.req.param('id'));
      return c.html(slowPage(c.var.caller, build, await whySlow(deps, build)));
    })
    .route('/', buildForms(deps));
}
