import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { planPush } from '../../../app/plan/plan-push.ts';
import { getBuild } from '../../../queue/build-store.ts';
import { openPlanning } from './plan-text.ts';

let planning: Awaited<ReturnType<typeof openPlanning>>;
beforeAll(async () => {
  planning = await openPlanning();
});
afterAll(() => planning.close());

/** Plans pushes of new commits to main, each from the one that is named, and answers the builds' states. */
async function statesOf(pushes: { name: string; before: string; pushedAt: number }[]) {
  const { planner, repository, commit } = planning;
  const shas: Record<string, string> = { none: '0'.repeat(40) };
  for (const { name } of pushes)
    shas[name] = await commit(`images: [{ cancel_superseded: true }]\n# ${randomUUID()}\n`);
  const ids: Record<string, string> = {};
  const ref = `refs/heads/${randomUUID()}`;
  for (const { name, before, pushedAt } of pushes) {
    const sha = shas[name] ?? '';
    const outcome = await planPush(
      planner,
      {
        ...{ kind: 'push', repository, ref, before: shas[before] ?? '', after: sha, sha, pushedAt },
        ...{ forced: false, message: 'm', author: 'a', baseRef: null },
        committedAt: new Date(0).toISOString(),
      },
      'webhook',
    );
    ids[name] = /b[0-9a-f]{23}/.exec(outcome)?.[0] ?? outcome;
  }
  const states: Record<string, string | undefined> = {};
  for (const [name, id] of Object.entries(ids))
    states[name] = (await getBuild(planner.store, id))?.state;
  return states;
}

const first = { name: 'first', before: 'none' };
const second = { name: 'second', before: 'first' };

test('a newer push cancels an older one, and an older one that comes late none', async () => {
  const [older, newer] = [
    { ...first, pushedAt: 1 },
    { ...second, pushedAt: 2 },
  ];
  expect(await statesOf([older, newer])).toEqual({ first: 'cancelled', second: 'queued' });
  expect(await statesOf([newer, older])).toEqual({ first: 'queued', second: 'queued' });
});

test('of two pushes of one second the second is left, however they come', async () => {
  const [older, newer] = [
    { ...first, pushedAt: 1 },
    { ...second, pushedAt: 1 },
  ];
  expect(await statesOf([older, newer])).toEqual({ first: 'cancelled', second: 'queued' });
  expect(await statesOf([newer, older])).toEqual({ first: 'queued', second: 'queued' });
});
