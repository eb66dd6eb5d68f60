import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { fetchWhole } from '../../../app/github/fetch-whole.ts';
import { endServers, serve } from '../../worker/registry/serve.ts';

afterAll(endServers);

const host = await serve(async ({ url }, response) => {
  if (url === '/never') return;
  response.writeHead(url === '/nothing' ? 204 : 200, { 'content-type': 'application/json' });
  if (url === '/nothing') return void response.end();
  response.write('{"files":[');
  if (url === '/half') return;
  for (let sent = 0; sent < 8; sent += 1) {
    await sleep(100);
    if (url === '/cut' && sent === 4) return void response.destroy();
    response.write(sent === 0 ? `${sent}` : `,${sent}`);
  }
  response.end(']}');
});
const ask = (path: string, init = {}) => fetchWhole(500, `http://${host}${path}`, init);

test('an answer may take longer than the patience, as long as it goes on', async () => {
  const answer = await ask('/slow');
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.url).toBe(`http://${host}/slow`);
  expect(await answer.json()).toEqual({ files: [0, 1, 2, 3, 4, 5, 6, 7] });
  expect((await ask('/nothing')).status).toBe(204);
});

test('an answer that does not come, or stops half way, is given up', async () => {
  for (const path of ['/never', '/half'])
    await expect(ask(path)).rejects.toThrow(`${host} was silent for too long.`);
});

test('an answer that breaks off is an error, and no shorter answer', async () => {
  await expect(ask('/cut')).rejects.toThrow();
});

test('whoever asked may give up earlier', async () => {
  const signal = AbortSignal.timeout(50);
  await expect(ask('/never', { signal })).rejects.toThrow('timeout');
});
