import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { digestOf, ended, pushNew } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';

jest.setTimeout(90_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

async function ask(ref: unknown, access: 'read' | 'write' | 'none' = 'write') {
  const { token } = slipway.github.user(`hand-${access}`, { access: { 'acme/hand': access } });
  return fetch(`${slipway.url}/api/repos/acme/hand/builds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ ref }),
  });
}

test('a branch, a tag or a commit is built because somebody asks who may write', async () => {
  const { repo, sha } = await pushNew(slipway, 'hand', 'true');
  const pushed = await ended(slipway, sha);
  const byBranch = await ask('main');
  expect(byBranch.status).toBe(201);
  const branch = (await byBranch.json()) as { id: string };
  expect(branch).toMatchObject({ ref: 'refs/heads/main', sha, tags: [sha, 'main', 'latest'] });
  expect(branch.id).not.toBe(pushed.id);
  await repo.tag('v1', sha, { annotated: true });
  expect(await (await ask('v1')).json()).toMatchObject({
    ref: 'refs/tags/v1',
    sha,
    tags: [sha, 'v1'],
  });
  expect(await (await ask(sha)).json()).toMatchObject({ ref: '', sha, tags: [sha] });
  expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded' });
  expect(await digestOf(String(pushed.image), sha)).not.toBeNull();
});

test('whoever may not write may not build, and a stranger learns nothing', async () => {
  expect((await ask('main', 'read')).status).toBe(403);
  expect((await ask('no-such-branch')).status).toBe(404);
  expect((await ask(7)).status).toBe(400);
  expect((await ask('--upload-pack=x')).status).toBe(404);
  await slipway.github.createRepository('acme', 'secret', { private: true });
  const answers = await Promise.all(
    ['secret', 'missing'].map(async (name) => {
      const answer = await fetch(`${slipway.url}/api/repos/acme/${name}/builds`, {
        method: 'POST',
        body: '{"ref":"main"}',
      });
      return [answer.status, (await answer.text()).replace(name, '')];
    }),
  );
  expect(answers[0]?.[0]).toBe(404);
  expect(answers[0]).toEqual(answers[1]);
});
