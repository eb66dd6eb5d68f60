import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { freePort } from '../../bin/embedded/free-port.ts';
import { ended, pushNew } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { expectNothingLeft, settled } from './aftermath.ts';
import { type ReplyCutter, startReplyCutter } from './reply-cutter.ts';

jest.setTimeout(120_000);

let slipway: Slipway;
let cutter: ReplyCutter;

beforeAll(async () => {
  slipway = await startSlipway({ workers: 0 });
  cutter = await startReplyCutter(await freePort(), Number(new URL(slipway.redisUrl).port));
});
afterAll(async () => {
  await slipway.stop();
  await cutter.stop();
});

test('a worker that gets no answer to what Redis did goes on with its only attempt', async () => {
  cutter.traps.push(
    /"Running on /,
    /marker-\d+-of-a-line/,
    // The lock, and the tag's owner.
    /lock:tags:(?![\s\S]*pushedAt)/,
    /lock:tags:[\s\S]*pushedAt/,
    /"Pushed sha256:/,
  );
  const redisUrl = `redis://127.0.0.1:${cutter.port}`;
  slipway.processes.workers.push(slipway.startWorker({ REDIS_URL: redisUrl, MAX_ATTEMPTS: '1' }));
  const run = 'sleep 1; for i in 1 2 3; do echo marker-$((i*7))-of-a-line; done; sleep 1';
  const { sha } = await pushNew(slipway, 'unanswered', run);
  const { id, state, reason } = await ended(slipway, sha);
  expect([state, reason]).toEqual(['succeeded', expect.stringMatching(/^Pushed sha256:/)]);
  expect(cutter.traps).toEqual([]);
  expect(await settled(slipway, 1)).toMatchObject([{ attempt: 1 }]);
  const log = await (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
  const printed = log.split('\n').filter((line) => /marker-\d+-of/.test(line) && !/RUN/.test(line));
  expect(printed.map((line) => /marker-\d+/.exec(line)?.[0])).toEqual([
    'marker-7',
    'marker-14',
    'marker-21',
  ]);
  await expectNothingLeft(slipway);
});
