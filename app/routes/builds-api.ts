import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { BuildFilter } from '../../queue/build-filter.ts';
import { listBuilds } from '../../queue/build-list.ts';
import { getBuild, type StoredBuild } from '../../queue/build-store.ts';
import { logRemoved } from '../../queue/text.ts';
import { cancelBuild, cancelledBy } from '../cancel-build.ts';
import { retryBuild } from '../plan/retry-build.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError, mayNotWrite, notFound } from './api-error.ts';
import { idOf, readBody, readParameters } from './api-input.ts';
import { buildJson } from './build-json.ts';
import { loginOf, tokenOf, type WebEnv } from './caller.ts';
import { streamEvents, streamLog } from './log-stream.ts';
import { linkNext } from './next-page.ts';
import {
  type BuildQuery,
  cursorAt,
  eventsQuerySchema,
  linesQuerySchema,
  readQuery,
} from './query.ts';
import { retryBodySchema, retryExample } from './retry-body.ts';

/** The routes below `/api/builds`. */
export function buildsApi(deps: WebDeps): Hono<WebEnv> {
  const { store, publicUrl } = deps;
  return new Hono<WebEnv>()
    .get('/', etag(), async (c) => {
      const { builds, next } = await visibleBuilds(deps, tokenOf(c), readQuery(c.req.query()));
      const cursor = cursorAt(next);
      linkNext(c, publicUrl, cursor);
      return c.json({ builds: builds.map(buildJson), cursor });
    })
    .get('/:id', etag(), async (c) =>
      c.json(buildJson(await visibleBuild(deps, tokenOf(c), idOf(c)))),
    )
    .get('/:id/log', async (c) => {
      const build = await visibleBuild(deps, tokenOf(c), idOf(c));
      if (build.logRemovedAt) throw new ApiError(410, 'gone', logRemoved(build.logRemovedAt));
      const { download, ...wish } = readParameters(linesQuerySchema, c.req.query());
      if (download) c.header('content-disposition', asFile(build));
      return streamLog(c, deps, build, wish);
    })
    .get('/:id/events', async (c) => {
      const build = await visibleBuild(deps, tokenOf(c), idOf(c));
      const { after } = readParameters(eventsQuerySchema, c.req.query());
      return streamEvents(c, deps, build, c.req.header('last-event-id') ?? after);
    })
    .post('/:id/cancel', async (c) => {
      const build = await writableBuild(deps, tokenOf(c), idOf(c));
      if (!(await cancelBuild(deps, build.id, cancelledBy(loginOf(c))))) {
        throw new ApiError(409, 'conflict', 'The build has ended; there is nothing to cancel.');
      }
      return c.json(buildJson((await getBuild(store, build.id)) ?? build), 202);
    })
    .post('/:id/retry', async (c) => {
      const build = await writableBuild(deps, tokenOf(c), idOf(c));
      const wish = await readBody(c, retryBodySchema.default({}), retryExample);
      const id = await retryBuild(deps.planner, build, randomUUID(), { ...wish, by: loginOf(c) });
      const retry = id && (await getBuild(store, id));
      if (!retry)
        throw new ApiError(409, 'conflict', 'The build has not ended yet; cancel it first.');
      return c.json(buildJson(retry), 201);
    });
}

/** Has a browser keep a log in a file instead of showing it; the names in it are all ASCII. */
const asFile = ({ repo, name, sha }: StoredBuild): string => {
  const file = [...repo.split('/'), name, sha.slice(0, 7)].join('-').replace(/[^\w.-]+/g, '-');
  return `attachment; filename="${file}.log"`;
};

/** One page of the builds a caller may see. */
export async function visibleBuilds(deps: WebDeps, token: string | null, query: BuildQuery) {
  const { store, gate } = deps;
  const filter: BuildFilter = {
    ...(query.state && { state: query.state }),
    ...(query.ref && { ref: query.ref }),
    ...(query.sha && { sha: query.sha }),
    ...(query.name !== undefined && { name: query.name }),
    ...(query.q && { text: query.q }),
  };
  const page = { limit: query.limit, ...(query.cursor && { before: query.cursor }) };
  if (!query.repo) return listBuilds(store, filter, page, gate.reader(token));
  const repository = await gate.readable(token, query.repo);
  if (!repository) return { builds: [], next: null };
  return listBuilds(store, { ...filter, repositoryId: repository.id }, page, async () => true);
}

/** A build the caller may see. Throws a 404 for any other. */
export async function visibleBuild(
  { store, gate }: WebDeps,
  token: string | null,
  id: string,
): Promise<StoredBuild> {
  const build = await getBuild(store, id);
  if (!build || !(await gate.mayRead(token, build))) throw notFound('such build');
  return build;
}

/** A build the caller may change. Throws 404, 401 or 403. */
export async function writableBuild(
  deps: WebDeps,
  token: string | null,
  id: string,
): Promise<StoredBuild> {
  const build = await getBuild(deps.store, id);
  const access = build ? await deps.gate.accessNow(token, build) : 'none';
  if (!build || access === 'none') throw notFound('such build');
  if (access === 'write') return build;
  throw mayNotWrite(token, `You need write access to ${build.repo}.`);
}
