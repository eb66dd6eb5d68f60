import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GitHub, startGitHub } from './github.ts';

let github: GitHub;

beforeAll(async () => {
  github = await startGitHub({ webhookSecret: 'secret' });
  await github.createRepository('acme', 'web');
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

const ask = (path = '/repos/acme/web') => fetch(`${github.url}/api/v3${path}`);

test('a status comes as often as told, then never', async () => {
  github.fault({ match: 'GET /repos/*/web', times: 2, status: 502 });
  const [a, b, c, other] = [await ask(), await ask(), await ask(), await ask('/meta')];
  expect([a.status, b.status, c.status, other.status]).toEqual([502, 502, 200, 200]);
  expect(await a.text()).toContain('<html>');
});

test('a rate limit says how long, until it is removed', async () => {
  const headers = { 'retry-after': '3' };
  const remove = github.fault({ match: /^GET \/meta$/, status: 429, headers });
  const answer = await ask('/meta');
  expect(answer.headers.get('retry-after')).toBe('3');
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('rate limit') });
  remove();
  expect((await ask('/meta')).status).toBe(200);
});

test('a dropped connection is no answer', async () => {
  github.fault({ match: () => true, times: 1, drop: true });
  await expect(ask()).rejects.toThrow();
  expect(github.requests.at(-1)?.status).toBe(0);
});

test('an answer can be lost after the request took effect', async () => {
  const code = github.manifestCode();
  const convert = () =>
    fetch(`${github.url}/app-manifests/${code}/conversions`, { method: 'POST' });
  github.fault({ match: 'POST /app-manifests/**', times: 1, drop: true, applied: true });
  await expect(convert()).rejects.toThrow();
  expect((await convert()).status).toBe(404);
});

test('a request can be held back', async () => {
  const gate = new AbortController();
  github.fault({ match: 'GET /meta', times: 1, until: gate.signal });
  let answered = false;
  const held = ask('/meta').then((answer) => {
    answered = true;
    return answer.status;
  });
  await ask('/rate_limit');
  expect(answered).toBe(false);
  gate.abort();
  expect(await held).toBe(200);
  github.fault({ match: 'GET /meta', times: 1, delayMs: 120 });
  const at = performance.now();
  expect((await ask('/meta')).status).toBe(200);
  expect(performance.now() - at).toBeGreaterThanOrEqual(115);
});

test('git meets faults too', async () => {
  github.fault({ match: 'GET /acme/web.git/info/refs', times: 1, status: 503 });
  const refs = () => fetch(`${github.url}/acme/web.git/info/refs?service=git-upload-pack`);
  expect((await refs()).status).toBe(503);
  expect((await refs()).status).toBe(200);
});
