import { afterAll, expect, jest, test } from '@jest/globals';
import type { Repository } from '../../../queue/build.ts';
import { createBuild } from '../../../queue/build-store.ts';
import { newBuild } from '../../queue/new-build.ts';
import { startWebInProcess } from '../web-in-process.ts';

jest.setTimeout(60_000);

const web = await startWebInProcess({ recheckInterval: 60_000, remembered: 60_000 });

afterAll(async () => {
  await web.stop();
  expect(web.github.violations).toEqual([]);
});

const wait = (repository: Repository, message: string) =>
  createBuild(web.store, { ...newBuild(), repository, repo: repository.fullName, message });

const home = async (token?: string) => {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch(web.url, { headers });
  return { status: answer.status, text: await answer.text() };
};

test('what is mine is found behind the many builds of others', async () => {
  const others = await web.known('others', 'busy');
  const mine = await web.known('mine', 'secret');
  const open = await web.known('mine', 'open', false);
  for (let made = 0; made < 1_100; made += 1) await wait(others, 'not mine');
  await wait(mine, 'my own change');
  await wait(open, 'my open change');
  const access = { 'mine/secret': 'read', 'mine/open': 'read' } as const;
  const { text } = await home(web.github.user('mia', { access }).token);
  expect(text).toContain('0 builds of yours run, 2 wait.');
  expect(text).toContain('my own change');
  expect(text).not.toContain('not mine');
  const { text: strange } = await home();
  expect(strange).toContain('0 public builds run, 1 waits.');
});

test('while GitHub is away who has signed in sees what everybody may', async () => {
  const access = { 'mine/secret': 'read' } as const;
  const { token } = web.github.user('nell', { access });
  web.github.fault({ match: /\/user\/installations/, status: 503 });
  const { status, text } = await home(token);
  expect(status).toBe(200);
  expect(text).toContain('GitHub does not answer at the moment');
  expect(text).toContain('my open change');
  expect(text).not.toContain('my own change');
});
