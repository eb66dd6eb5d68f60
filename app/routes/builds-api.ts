import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { BuildFilter } from '../../queue/build-list.ts';
import { listBuilds } from '../../queue/build-list.ts';
import { getBuild, type StoredBuild } from '../../queue/build-store.ts';
import { findRepository } from '../../queue/repositories.ts';
import { logRemoved } from '../../queue/text.ts';
import { cancelBuild } from '../cancel-build.ts';
import { retryBuild } from '../plan/retry-build.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError, notFound } from './api-error.ts';
import { buildJson } from './build-json.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { streamEvents, streamLog } from './log-stream.ts';
import { type BuildQuery, cursorAt, readLines, readQuery } from './query.ts';
import { readRetry } from './retry-body.ts';

/** The routes below `/api/builds`. */
export function buildsApi(deps: WebDeps): Hono<WebEnv> {
  const { store } = deps;
  return new Hono<WebEnv>()
    .get('/', async (c) => {
      const token = tokenOf(c);
      const query = readQuery(c.req.query());
      const { builds, next } = await visibleBuilds(deps, token, query);
      return c.json({ builds: builds.map(buildJson), cursor: cursorAt(next) });
    })
    .get('/:id', async (c) => {
      const token = tokenOf(c);
      return c.json(buildJson(await visibleBuild(deps, token, c.req.param('id'))));
    })
    .get('/:id/log', async (c) => {
      const token = tokenOf(c);
      const build = await visibleBuild(deps, token, c.req.param('id'));
      if (build.logRemovedAt) throw new ApiError(410, 'gone', logRemoved(build.logRemovedAt));
      if (c.req.query('download')) c.header('content-disposition', asFile(build));
      return streamLog(c, deps, build, readLines(c.req.query()));
    })
    .get('/:id/events', async (c) => {
      const token = tokenOf(c);
      const build = await visibleBuild(deps, token, c.req.param('id'));
      return streamEvents(c, deps, build);
    })
    .post('/:id/cancel', async (c) => {
      const token = tokenOf(c);
      const build = await writableBuild(deps, token, c.req.param('id'));
      if (!(await cancelBuild(deps, build.id, 'Cancelled by request.'))) {
        throw new ApiError(409, 'conflict', 'The build has ended; there is nothing to cancel.');
      }
      return c.json(buildJson((await getBuild(store, build.id)) ?? build), 202);
    })
    .post('/:id/retry', async (c) => {
      const token = tokenOf(c);
      const build = await writableBuild(deps, token, c.req.param('id'));
      const wish = readRetry(await c.req.text());
      const id = await retryBuild(deps.planner, build, randomUUID(), wish);
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
  };
  if (query.repo) {
    const repository = await findRepository(store, query.repo);
    if (!repository) return { builds: [], next: null };
    filter.repositoryId = repository.id;
  }
  const page = { limit: query.limit, ...(query.cursor && { before: query.cursor }) };
  return listBuilds(store, filter, page, (build) => gate.mayRead(token, build));
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
  throw token === null
    ? new ApiError(401, 'unauthenticated', 'Send a GitHub token as Authorization: Bearer ….')
    : new ApiError(403, 'forbidden', `You need write access to ${build.repo}.`);
}
