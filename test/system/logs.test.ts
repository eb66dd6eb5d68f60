import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { closeQueues, enqueueArchive, openQueues } from '../../queue/queues.ts';
import { atStep, ended, pushNew } from './builds.ts';
import { readEvents, type ServerEvent } from './read-events.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

const keys = keysUnder('slipway');
const counting = 'for i in $(seq 1 40); do echo "line $i ✓"; sleep 0.1; done';
let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl, { maxRetriesPerRequest: null });
});
afterAll(async () => {
  const { violations } = slipway.github;
  redis.disconnect();
  await slipway.stop();
  expect(violations).toEqual([]);
});

const route = (id: string, rest: string) => `${slipway.url}/api/builds/${id}/${rest}`;
const logOf = async (id: string) => (await fetch(route(id, 'log'))).text();
const linesIn = (events: ServerEvent[]) => events.filter(({ event }) => event === 'log');
const textOf = (events: ServerEvent[]) =>
  linesIn(events)
    .map(({ data }) => `${data.text}\n`)
    .join('');

/** Follows a build through connections that break after every seventh line. */
async function readInPieces(id: string): Promise<ServerEvent[]> {
  const all: ServerEvent[] = [];
  for (;;) {
    let lines = 0;
    const last = linesIn(all).at(-1)?.id ?? null;
    const some = await readEvents(route(id, 'events'), last, ({ event }) => {
      if (event === 'log') lines += 1;
      return lines === 7;
    });
    all.push(...some);
    if (all.at(-1)?.data.finishedAt) return all;
  }
}

const archived = (id: string) =>
  until('the log is archived', async () => {
    const mark = await redis.hget(keys.build(id), 'archivedAt');
    return mark !== 'null' && (await redis.exists(keys.log(id))) === 0;
  });

test('a log is followed live, resumed where a reader stopped, and the same after its archiving', async () => {
  const { sha } = await pushNew(slipway, 'counts', counting);
  const { id } = await atStep(slipway, sha, 'build');
  const [events, pieces, followed] = await Promise.all([
    readEvents(route(id, 'events'), null),
    readInPieces(id),
    fetch(route(id, 'log?follow=1')).then((answer) => answer.text()),
  ]);
  await ended(slipway, sha);
  const numbers = linesIn(events).map((line) => line.id);
  expect(numbers).toEqual(numbers.map((_, index) => String(index + 1)));
  for (let i = 1; i <= 40; i += 1) expect(followed).toContain(`line ${i} ✓\n`);
  expect(textOf(events)).toBe(followed);
  expect(linesIn(pieces)).toEqual(linesIn(events));
  const states = events.filter(({ event }) => event === 'state').map(({ data }) => data);
  expect(states.at(0)).toMatchObject({ id, state: 'running', step: 'build' });
  expect(states.at(-1)).toMatchObject({ id, state: 'succeeded', finishedAt: expect.any(String) });
  expect(events.at(-1)?.event).toBe('state');

  await archived(id);
  expect(await logOf(id)).toBe(followed);
  expect(linesIn(await readEvents(route(id, 'events'), null))).toEqual(linesIn(events));
  const rest = await readEvents(route(id, 'events'), '20');
  expect(linesIn(rest)).toEqual(linesIn(events).slice(20));
  expect(rest.at(-1)).toMatchObject({ event: 'state', data: { state: 'succeeded' } });
  expect(linesIn(await readEvents(route(id, 'events'), numbers.at(-1) ?? ''))).toEqual([]);
  expect(events.at(-1)?.id).toBe(`end-${numbers.length}`);
  const headers = { 'last-event-id': `end-${numbers.length}` };
  expect((await fetch(route(id, 'events'), { headers })).status).toBe(204);
});

test('the lines of a RUN arrive while it runs, and ?follow=1 stays open until the end', async () => {
  const { sha } = await pushNew(slipway, 'live', 'echo early; sleep 4; echo late');
  const { id } = await atStep(slipway, sha, 'build');
  const answer = await fetch(route(id, 'log?follow=1'));
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (!/\bearly\n/.test(text) || /\blate\n/.test(text)) continue;
    expect(await slipway.build(sha)).toMatchObject({ state: 'running', step: 'build' });
  }
  expect(text).toMatch(/\blate\n/);
  expect(await slipway.build(sha)).toMatchObject({ state: 'succeeded' });
  expect(await logOf(id)).toBe(text);
});

test('a log goes to LOG_STORE gzipped before it leaves Redis, and a second time does no harm', async () => {
  const queues = openQueues(redis, keys);
  await queues.archives.pause();
  const { sha } = await pushNew(slipway, 'archived', 'echo one; echo "two 二"');
  const { id } = await ended(slipway, sha);
  const live = await logOf(id);
  expect(live).toContain('two 二\n');
  expect(await redis.exists(keys.log(id))).toBe(1);
  const store = join(slipway.dataDir, 'logs');
  const files = async () =>
    (await readdir(store, { recursive: true })).filter((name) => name.includes(id));
  expect(await files()).toEqual([]);

  await queues.archives.resume();
  await archived(id);
  const [name = '', ...others] = await files();
  expect(others).toEqual([]);
  const file = await readFile(join(store, name));
  const lines = gunzipSync(file).toString().trim().split('\n');
  expect(lines.map((line) => `${JSON.parse(line).text}\n`).join('')).toBe(live);
  expect(await logOf(id)).toBe(live);

  await until(
    'the first job is gone',
    async () => (await queues.archives.getJob(id)) === undefined,
  );
  await enqueueArchive(queues, id);
  await until('so is the second', async () => (await queues.archives.getJob(id)) === undefined);
  expect(await readFile(join(store, name))).toEqual(file);
  expect(await logOf(id)).toBe(live);
  expect(await redis.zscore(keys.dueArchives, id)).toBeNull();
  await closeQueues(queues);
});
