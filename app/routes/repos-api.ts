import { Hono } from 'hono';
import { z } from 'zod';
import { getBuilds } from '../../queue/build-store.ts';
import { findRepository } from '../../queue/repositories.ts';
import { planByHand } from '../plan/plan-by-hand.ts';
import type { WebDeps } from '../web.ts';
import { ApiError, notFound } from './api-error.ts';
import { buildJson } from './build-json.ts';
import { bearerToken } from './query.ts';

const bodySchema = z.object({
  ref: z.string('must be a branch, a tag or a commit id').min(1, 'must not be empty').max(1_024),
});

/** The routes below `/api/repos`. */
export function reposApi(deps: WebDeps): Hono {
  return new Hono().post('/:owner/:repo/builds', async (c) => {
    const token = bearerToken(c.req.header('authorization'));
    const fullName = `${c.req.param('owner')}/${c.req.param('repo')}`;
    const repository = await findRepository(deps.store, fullName);
    const access = repository ? await deps.gate.accessNow(token, { repository }) : 'none';
    if (!repository || access === 'none') throw notFound(`repository ${fullName}`);
    if (access !== 'write') {
      throw new ApiError(403, 'forbidden', `Building ${fullName} needs write access to it.`);
    }
    const body = bodySchema.safeParse(await c.req.json().catch(() => null));
    if (!body.success) {
      const why = body.error.issues[0]?.message;
      throw new ApiError(400, 'bad_request', `The body must be {"ref": "…"}: ref ${why}.`);
    }
    const planned = await planByHand(deps.planner, repository, body.data.ref);
    if (!planned) throw new ApiError(404, 'not_found', `There is no ref ${body.data.ref}.`);
    if (planned.ids.length === 0) throw new ApiError(409, 'conflict', planned.outcome);
    const builds = (await getBuilds(deps.store, planned.ids)).map(buildJson);
    return c.json({ ...builds[0], builds }, 201);
  });
}
