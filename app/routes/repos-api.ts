import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Repository } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import { listImages } from '../images/list-images.ts';
import { buildUrl } from '../plan/new-build.ts';
import type { WebDeps } from '../web-deps.ts';
import { notFound } from './api-error.ts';
import { fullNameOf, readBody, readParameters } from './api-input.ts';
import { buildByHand } from './build-by-hand.ts';
import { buildJson } from './build-json.ts';
import { loginOf, tokenOf, type WebEnv } from './caller.ts';
import { linkNext } from './next-page.ts';
import { imageCursor, imagesQuerySchema } from './query.ts';
import { refBodySchema, refExample } from './ref-body.ts';
import { repositoryJson } from './repository-json.ts';
import { sweepByHand } from './sweep-by-hand.ts';

/** The routes below `/api/repos`. */
export function reposApi(deps: WebDeps): Hono<WebEnv> {
  const { store, publicUrl } = deps;
  return new Hono<WebEnv>()
    .get('/:owner/:repo', etag(), async (c) => {
      const repository = await visibleRepository(deps, tokenOf(c), fullNameOf(c));
      const { id, defaultBranch } = repository;
      const onDefault = { repositoryId: id, ref: `refs/heads/${defaultBranch}` };
      const { builds } = await listBuilds(store, onDefault, { limit: 1 }, async () => true);
      return c.json(repositoryJson(repository, builds[0], publicUrl));
    })
    .get('/:owner/:repo/images', etag(), async (c) => {
      const repository = await visibleRepository(deps, tokenOf(c), fullNameOf(c));
      const { limit, cursor: after } = readParameters(imagesQuerySchema, c.req.query());
      const found = await listImages(store, repository, { limit, ...(after && { after }) });
      const cursor = imageCursor(found.next);
      linkNext(c, publicUrl, cursor);
      const images = found.images.map((image) => ({
        ...image,
        buildUrl: buildUrl(publicUrl, image.buildId),
      }));
      return c.json({ images, cursor });
    })
    .post('/:owner/:repo/builds', async (c) => {
      const { ref } = await readBody(c, refBodySchema, refExample);
      const builds = (await buildByHand(deps, tokenOf(c), fullNameOf(c), ref, loginOf(c))).map(
        buildJson,
      );
      return c.json({ ...builds[0], builds }, 201);
    })
    .post('/:owner/:repo/sweep', async (c) => {
      const repository = await sweepByHand(deps, tokenOf(c), fullNameOf(c));
      const message = `Branches and tags of ${repository.fullName} are compared with what was planned.`;
      return c.json({ message }, 202);
    });
}

/** A repository that Slipway knows and the caller may see. Throws a 404 for any other. */
async function visibleRepository(
  { gate }: WebDeps,
  token: string | null,
  fullName: string,
): Promise<Repository> {
  const repository = await gate.readable(token, fullName);
  if (repository) return repository;
  throw notFound(`repository ${fullName}`);
}
