import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { WebDeps } from '../web-deps.ts';
import { buildByHand } from './build-by-hand.ts';
import { buildJson } from './build-json.ts';
import { tokenOf, type WebEnv } from './caller.ts';
import { sweepByHand } from './sweep-by-hand.ts';

/** Anything but a ref is as good as an empty one. */
const bodySchema = z.object({ ref: z.string() }).catch({ ref: '' });

/** The routes below `/api/repos`. */
export function reposApi(deps: WebDeps): Hono<WebEnv> {
  return new Hono<WebEnv>()
    .post('/:owner/:repo/builds', async (c) => {
      const { token, fullName } = asked(c);
      const { ref } = bodySchema.parse(await c.req.json().catch(() => null));
      const builds = (await buildByHand(deps, token, fullName, ref)).map(buildJson);
      return c.json({ ...builds[0], builds }, 201);
    })
    .post('/:owner/:repo/sweep', async (c) => {
      const { token, fullName } = asked(c);
      const repository = await sweepByHand(deps, token, fullName);
      const message = `Branches and tags of ${repository.fullName} are compared with what was planned.`;
      return c.json({ message }, 202);
    });
}

const asked = (c: Context<WebEnv>) => ({
  token: tokenOf(c),
  fullName: `${c.req.param('owner')}/${c.req.param('repo')}`,
});
