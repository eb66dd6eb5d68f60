import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ask } from './ask.ts';
import { atStep, type BuildJson, cancel, digestOf, ended, pushNew } from './builds.ts';
import { type Judge, judgeOf } from './described.ts';
import { buildOfOurs } from './log-scene.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
let judge: Judge;
let build: BuildJson;

beforeAll(async () => {
  slipway = await startSlipway();
  judge = judgeOf(JSON.parse((await get('/api/openapi.json')).text));
  const { sha } = await pushNew(slipway, 'web', 'true');
  build = await ended(slipway, sha);
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** Asks with any method; whatever is answered must be as described. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
) {
  const question = { method, path, headers, body };
  const answer = await ask(slipway.url, question);
  if (judge) expect({ path, problems: judge(question, answer) }).toEqual({ path, problems: [] });
  return { ...answer, json: () => JSON.parse(answer.text) };
}
const get = (path: string, headers: Record<string, string> = {}) => send('GET', path, headers);

const writer = (repo: string): Record<string, string> => {
  const { token } = slipway.github.user('will', { access: { [repo]: 'write' } });
  return { authorization: `Bearer ${token}` };
};

test('a repository is told with its last build, and its images as the registry has them', async () => {
  const repository = (await get('/api/repos/Acme/WEB')).json();
  expect(repository).toMatchObject({
    ...{ name: 'acme/web', private: false, defaultBranch: 'main', lastBuild: { id: build.id } },
    url: `${slipway.url}/acme/web`,
  });
  const { images, cursor } = (await get('/api/repos/acme/web/images')).json();
  const image = String(build.image);
  expect(images.map(({ tag }: { tag: string }) => tag)).toEqual([build.sha, 'main', 'latest']);
  for (const one of images) {
    expect(one).toMatchObject({ image, sha: build.sha, buildId: build.id, size: build.size });
    expect(one.buildUrl).toBe(build.url);
    expect(one.digest).toBe(await digestOf(image, one.tag));
  }
  expect(cursor).toBeNull();
});

test('lists go on behind a Link until everything was told once', async () => {
  const tags: string[] = [];
  let next: string | undefined = '/api/repos/acme/web/images?limit=2';
  while (next) {
    const page = await get(next);
    tags.push(...page.json().images.map(({ tag }: { tag: string }) => tag));
    const [, url] = /^<(.+)>; rel="next"$/.exec(String(page.headers.link ?? '')) ?? [];
    expect(url ?? slipway.url).toContain(`${slipway.url}`);
    next = url?.slice(slipway.url.length);
  }
  expect(tags).toEqual([build.sha, 'main', 'latest']);
  const all = await get('/api/builds?limit=1&q=WEB');
  expect(all.headers.link).toBeUndefined();
  expect(all.json().builds).toHaveLength(1);
});

test.each(['/api/builds', '/api/builds/ID', '/api/repos/acme/web', '/api/repos/acme/web/images'])(
  '%s is not sent again to whoever has it',
  async (template) => {
    const path = template.replace('ID', build.id);
    const first = await get(path);
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: 'authorization, cookie',
    });
    const tag = String(first.headers.etag);
    const again = await get(path, { 'if-none-match': tag });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect(again.headers).toMatchObject({ etag: tag, 'cache-control': 'private, no-cache' });
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    const head = await send('HEAD', path);
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.etag).toBe(tag);
  },
);

test('a record that changed has another tag', async () => {
  const { sha } = await pushNew(slipway, 'changing', 'sleep 600');
  const running = await atStep(slipway, sha, 'build');
  const path = `/api/builds/${running.id}`;
  const tag = String((await get(path)).headers.etag);
  await cancel(slipway, running);
  await ended(slipway, sha);
  const changed = await get(path, { 'if-none-match': tag });
  expect(changed).toMatchObject({ status: 200 });
  expect(changed.headers.etag).not.toBe(tag);
});

test('other methods, types and sizes are refused in a sentence', async () => {
  const other = await send('DELETE', `/api/builds/${build.id}/retry`);
  expect(other.status).toBe(405);
  expect(other.headers.allow).toBe('POST');
  expect(other.json().error.message).toBe('This path is for POST, not DELETE.');
  expect((await send('PUT', '/badge/acme/web.svg')).headers.allow).toBe('HEAD, GET');
  expect((await send('OPTIONS', '/api/builds')).headers.allow).toBe('HEAD, GET');
  expect((await get('/api/nothing')).status).toBe(404);

  const path = '/api/repos/acme/web/builds';
  const json = { ...writer('acme/web'), 'content-type': 'application/json' };
  const form = { ...json, 'content-type': 'application/x-www-form-urlencoded' };
  const wrong = await send('POST', path, form, '{"ref":"main"}');
  expect(wrong.status).toBe(415);
  expect(wrong.json().error.message).toContain('not as application/x-www-form-urlencoded');
  const large = await send('POST', path, json, `{"ref":"${'x'.repeat(65 * 1_024)}"}`);
  expect(large.status).toBe(413);
  for (const [body, message] of [
    ['{', 'The body must be JSON such as {"ref":"main"}.'],
    ['', 'The body must be an object such as {"ref":"main"}, not nothing.'],
    ['{"ref":["main"]}', 'not ["main"]'],
    ['{"ref":"a..b"}', 'not "a..b"'],
    ['{"ref":"\\u0000"}', 'must be a branch, a tag or a commit id'],
  ]) {
    const answer = await send('POST', path, json, body);
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.json().error.message).toContain(message);
  }
  const limit = (await get('/api/builds?limit=many')).json();
  expect(limit.error.message).toBe(
    'The parameter limit must be a number from 1 to 100, not "many".',
  );
  const empty = (await get('/api/builds?q=')).json();
  expect(empty.error.message).toBe('The parameter q must not be empty.');
  expect((await get('/api/builds?unknown=1')).status).toBe(200);
});

test('whoever leaves in the middle of a body is not told as an error of ours', async () => {
  const socket = connect(Number(new URL(slipway.url).port), '127.0.0.1');
  const head = 'POST /api/repos/acme/web/builds HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n';
  await new Promise((resolve) => socket.write(`${head}{`, resolve));
  await sleep(200);
  socket.destroy();
  await sleep(200);
  await get('/api/builds');
  expect(slipway.processes.web.output()).not.toContain('could not be answered');
});

test('a HEAD of a log that goes on is answered at once, and nobody goes on reading', async () => {
  const live = await buildOfOurs(slipway);
  for (const path of [`/api/builds/${live.id}/events`, `/api/builds/${live.id}/log?follow=1`]) {
    const begun = Date.now();
    expect(await send('HEAD', path)).toMatchObject({ status: 200, text: '' });
    expect(Date.now() - begun).toBeLessThan(1_500);
  }
  expect((await get('/metrics')).text).toMatch(/^slipway_log_readers 0$/m);
  await live.end();
  live.close();
});

test('a badge shows the state, and of what one may not see as little as of what is missing', async () => {
  const badge = await get('/badge/acme/web.svg');
  expect(badge.text).toContain('<title>build: passing</title>');
  expect(badge.headers).toMatchObject({
    'content-type': 'image/svg+xml; charset=utf-8',
    'cache-control': 'public, max-age=60',
  });
  expect((await get('/badge/acme/web.svg?name=image&ref=main')).text).toContain('image: passing');
  const tag = String(badge.headers.etag);
  expect((await get('/badge/acme/web.svg', { 'if-none-match': tag })).status).toBe(304);

  const secret = await slipway.github.createRepository('acme', 'secret', { private: true });
  const sha = await secret.commit({ files: { Dockerfile: 'FROM scratch\n' }, message: 'm' });
  await secret.push({ ref: 'refs/heads/main', after: sha });
  const own = writer('acme/secret');
  await until('it is built', async () => {
    const { text } = await get('/badge/acme/secret.svg', own);
    return /: (passing|failing)</.test(text);
  });
  expect((await get('/badge/acme/secret.svg', own)).headers['cache-control']).toMatch(/^private/);
  for (const path of [
    '/badge/acme/NAME.svg',
    '/api/repos/acme/NAME',
    '/api/repos/acme/NAME/images',
  ]) {
    const [hidden, missing] = await Promise.all(
      ['secret', 'nowhere'].map(async (name) => {
        const { status, headers, text } = await get(path.replace('NAME', name));
        const { date, ...rest } = headers;
        return { status, rest: { ...rest, 'content-length': '' }, text: text.replace(name, '') };
      }),
    );
    expect(hidden).toEqual(missing);
  }
  expect((await get('/badge/acme/nowhere.svg')).text).toContain('build: unknown');
});
