import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { planByHand } from '../../../app/plan/plan-by-hand.ts';
import { planPush } from '../../../app/plan/plan-push.ts';
import { retryBuild } from '../../../app/plan/retry-build.ts';
import { changeBuild, getBuild, type StoredBuild } from '../../../queue/build-store.ts';
import type { Push } from '../../../queue/trigger.ts';
import { openPlanning } from './plan-text.ts';

let planning: Awaited<ReturnType<typeof openPlanning>>;
beforeAll(async () => {
  planning = await openPlanning();
});
afterAll(() => planning.close());

/** The build that a push of a new commit to main makes. */
async function pushed(push: Pick<Push, 'before' | 'forced'>, rules = 'images: [{}]\n') {
  const { planner, repository, commit } = planning;
  // Within a second git gives equal commits one id.
  const sha = await commit(`${rules}# ${randomUUID()}\n`);
  const told: Push = {
    ...{ kind: 'push', repository, ref: 'refs/heads/main', after: sha, sha, ...push },
    ...{ message: 'm', author: 'a', pushedAt: 1, baseRef: null },
    committedAt: new Date(0).toISOString(),
  };
  const outcome = await planPush(planner, told, 'webhook');
  return stored(/b[0-9a-f]{23}/.exec(outcome)?.[0]);
}

async function stored(id: string | null | undefined): Promise<StoredBuild> {
  const build = id ? await getBuild(planning.planner.store, id) : null;
  if (!build) throw new Error(`there is no build ${id}`);
  return build;
}

const before = 'b'.repeat(40);

test.each([
  ['goes on from a commit', { before, forced: false }, before],
  ['is forced', { before, forced: true }, null],
  ['makes the ref', { before: '0'.repeat(40), forced: false }, null],
])('of a push that %s the record says so, and that of a retry too', async (_, push, follows) => {
  const build = await pushed(push);
  expect(build).toMatchObject({ forced: push.forced, follows, failure: null });
  await changeBuild(planning.planner.store, build.id, { to: 'cancelled' });
  expect(build.cause).toEqual({ kind: 'push', by: null });
  const old = await stored(build.id);
  const again = await retryBuild(planning.planner, old, 'again', { by: 'ann' });
  expect(await stored(again)).toMatchObject({ forced: push.forced, follows, retryOf: build.id });
  expect((await stored(again)).cause).toEqual({ kind: 'retry', by: 'ann' });

  const mistaken = await pushed(push, 'images: 1\n');
  expect(mistaken).toMatchObject({ forced: push.forced, follows, failure: { step: 'plan' } });
  const wish = { by: 'bob', kind: 'check' } as const;
  const replanned = await retryBuild(planning.planner, mistaken, 'again', wish);
  expect(await stored(replanned)).toMatchObject({ forced: push.forced, follows, cause: wish });
  expect(replanned).not.toBe(mistaken.id);
});

test('a build by hand follows on nothing', async () => {
  const { planner, repository, commit } = planning;
  const planned = await planByHand(planner, repository, await commit('images: [{}]\n'), 'ann');
  expect(await stored(planned?.ids[0])).toMatchObject({
    ...{ forced: false, follows: null, cause: { kind: 'hand', by: 'ann' } },
  });
});
