import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { run, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ workers: 0 });
});
afterAll(() => slipway.stop());

const headers = {
  'content-type': 'application/json',
  'x-github-event': 'ping',
  'x-github-delivery': '5f6c2a2e-0000-4000-8000-000000000000',
};
const post = (body: string, more: Record<string, string>) =>
  fetch(`${slipway.url}/api/github/webhooks`, {
    method: 'POST',
    body,
    headers: { ...headers, ...more },
  });

test('a forged or missing signature is refused and counted, and leaves nothing else', async () => {
  expect((await post('{}', {})).status).toBe(401);
  const forged = `sha256=${'0'.repeat(64)}`;
  expect((await post('{}', { 'x-hub-signature-256': forged })).status).toBe(401);
  const metrics = await (await fetch(`${slipway.url}/metrics`)).text();
  expect(metrics).toMatch(/slipway_deliveries_total\{result="refused"\} [2-9]/);
});

test('a body over 25 MB is refused with 413', async () => {
  const body = 'x'.repeat(26 * 1024 * 1024);
  const answer = await post(body, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` });
  expect(answer.status).toBe(413);
});

test('bad requests get a sentence', async () => {
  const unknown = await fetch(`${slipway.url}/api/builds/nope`);
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ error: { code: 'not_found' } });
  const cursor = await fetch(`${slipway.url}/api/builds?cursor=%21%21`);
  expect(cursor.status).toBe(400);
  expect(await cursor.json()).toMatchObject({
    error: { message: expect.stringContaining('cursor') },
  });
});

test('a wrong environment names every mistake and exits 78', async () => {
  const web = run('app', { PORT: 'http', LOG_LEVEL: 'loud' });
  const worker = run('worker', { REDIS_URL: 'localhost', BUILD_TIMEOUT: 'long' });
  const codes = await until('both exit', () => {
    const both = [web.child.exitCode, worker.child.exitCode];
    return both.every((code) => code !== null) && both;
  });
  expect(codes).toEqual([78, 78]);
  for (const name of [
    'PORT',
    'LOG_LEVEL',
    'REDIS_URL',
    'APP_ID',
    'PRIVATE_KEY',
    'WEBHOOK_SECRET',
  ]) {
    expect(web.output()).toContain(name);
  }
  for (const name of ['REDIS_URL', 'BUILD_TIMEOUT', 'REGISTRY']) {
    expect(worker.output()).toContain(name);
  }
});
