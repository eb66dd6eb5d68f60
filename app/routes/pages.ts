import { readFile } from 'node:fs/promises';
import { type Context, Hono } from 'hono';
import { readLog } from '../../queue/read-log.ts';
import { gapText } from '../browser/gap-text.ts';
import { type Beginning, buildPage } from '../pages/build-page.ts';
import { buildsPage } from '../pages/builds-page.ts';
import { icon } from '../pages/icon.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { buildByHand, repositoryFor } from './build-by-hand.ts';
import { visibleBuild, visibleBuilds } from './builds-api.ts';
import { pageHeaders } from './page-headers.ts';
import { bearerToken, readQuery } from './query.ts';

/** About so much of a log is in the page itself; the script fetches the rest. */
const mostInPage = { lines: 5_000, characters: 500_000 };

/** The pages for people. */
export function pages(deps: WebDeps): Hono {
  const list = async (c: Context, title: string, repo?: string) => {
    const token = bearerToken(c.req.header('authorization'));
    const query = readQuery({ ...c.req.query(), ...(repo && { repo }) });
    const found = await visibleBuilds(deps, token, query);
    const mayBuild = repo ? (await repositoryFor(deps, token, repo))?.access === 'write' : false;
    const { search } = new URL(c.req.url);
    return c.html(buildsPage(title, found, search, { setUpPath: deps.setUpPath, mayBuild }));
  };
  return new Hono()
    .use(pageHeaders())
    .get('/', (c) => list(c, 'Builds'))
    .get('/:script{live-log\\.js|visible-text\\.js|gap-text\\.js}', async (c) => {
      const file = new URL(`../browser/${c.req.param('script')}`, import.meta.url);
      c.header('content-type', 'text/javascript; charset=utf-8');
      return c.body(await readFile(file, 'utf8'));
    })
    .get('/icon.svg', (c) => c.body(icon, 200, { 'content-type': 'image/svg+xml' }))
    .get('/builds/:id', async (c) => {
      const token = bearerToken(c.req.header('authorization'));
      const build = await visibleBuild(deps, token, c.req.param('id'));
      return c.html(buildPage(build, await beginningOf(deps, build.id)));
    })
    .get('/:owner/:repo', (c) => {
      const name = `${c.req.param('owner')}/${c.req.param('repo')}`;
      return list(c, name, name);
    })
    .post('/:owner/:repo/builds', async (c) => {
      const token = bearerToken(c.req.header('authorization'));
      const { owner, repo } = c.req.param();
      const { ref } = await c.req.parseBody();
      const name = `${owner}/${repo}`;
      const given = typeof ref === 'string' ? ref.trim() : '';
      const builds = await buildByHand(deps, token, name, given);
      return c.redirect(builds.length === 1 ? `/builds/${builds[0]?.id}` : `/${name}`, 303);
    })
    .all('*', () => {
      throw notFound('such page');
    });
}

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
