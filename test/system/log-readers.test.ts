import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { allEvents, buildOfOurs, slowReader } from './log-scene.ts';
import { readMetrics } from './prometheus.ts';
import { readEvents } from './read-events.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ workers: 0 });
});
afterAll(() => slipway.stop());

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${slipway.processes.web.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function metric(name: string): Promise<number | undefined> {
  return readMetrics(await (await fetch(`${slipway.url}/metrics`)).text()).get(name);
}

/** How many commands Redis has carried out. */
async function commands(redis: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
}

test('two hundred readers of one log get every line in time, and Redis is asked as for one', async () => {
  const build = await buildOfOurs(slipway);
  const late: number[] = [];
  const read = (reader: number) =>
    readEvents(`${build.url}/events`, null, ({ event, data }) => {
      if (event === 'log' && reader % 10 === 0) late.push(Date.now() - Number(data.at));
      return false;
    });
  const readers = numbers(1, 150).map(read);
  const texts = numbers(1, 50).map(async () => (await fetch(`${build.url}/log?follow=1`)).text());
  await until('all have come', async () => (await metric('slipway_log_readers')) === 200);
  const { redis } = build.store;
  const before = await commands(redis);
  for (const n of numbers(1, 100)) {
    await build.print([`line ${n}`]);
    await sleep(50);
  }
  // Alone the 200 would have asked two things each every 150 ms: more than 13,000 in this time.
  expect((await commands(redis)) - before).toBeLessThan(2_000);
  await build.end();
  for (const events of await Promise.all(readers)) {
    const lines = events.filter(({ event }) => event === 'log');
    expect(lines.map(({ id }) => Number(id))).toEqual(numbers(1, 100));
    expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'succeeded' } });
  }
  const whole = numbers(1, 100).map((n) => `line ${n}\n`);
  for (const text of await Promise.all(texts)) expect(text).toBe(whole.join(''));
  late.sort((a, b) => a - b);
  expect(late[late.length / 2]).toBeLessThan(250);
  await until('all have left', async () => (await metric('slipway_log_readers')) === 0);
  build.close();
});

test('readers that take nothing hold no memory, delay nobody, and are told what they missed', async () => {
  const build = await buildOfOurs(slipway);
  await build.print(['the first']);
  const eager = allEvents(build.url);
  const events = await slowReader(`${build.url}/events`);
  const text = await slowReader(`${build.url}/log?follow=1`);
  const others = await Promise.all(numbers(1, 198).map(() => slowReader(`${build.url}/events`)));
  await until('all have come', async () => (await metric('slipway_log_readers')) === 201);
  await sleep(500);
  const before = await residentMegabytes();
  let most = 0;
  // 48 MB, more than the kernel takes for a socket that nobody reads, at 12,000 lines of it.
  for (const n of numbers(1, 120)) {
    await build.print(numbers(1, 100).map((m) => `${n}.${m} ${'x'.repeat(4_000)}`));
    most = Math.max(most, await residentMegabytes());
    await sleep(20);
  }
  expect(most - before).toBeLessThan(250);
  await build.end();

  const lines = (await eager).filter(({ event }) => event === 'log');
  expect(lines.map(({ id }) => Number(id))).toEqual(numbers(1, 12_001));

  for (const other of others) other.left();
  const parts = (await events.text()).split('\n\n').filter(Boolean);
  const gap = JSON.parse(
    /^event: gap\nid: \d+\ndata: (.*)$/.exec(
      parts.find((p) => p.startsWith('event: gap')) ?? '',
    )?.[1] ?? '{}',
  );
  expect(gap).toEqual({ first: expect.any(Number), last: expect.any(Number), why: 'slow' });
  const got = parts
    .filter((p) => p.startsWith('event: log'))
    .map((p) => Number(/^id: (\d+)$/m.exec(p)?.[1]));
  expect(got).toEqual([...numbers(1, gap.first - 1), ...numbers(gap.last + 1, 12_001)]);
  expect(parts.at(-1)).toContain('"state":"succeeded"');

  const said =
    /^… (\d+) lines are left out here: this reader was too slow; the whole log is at (\S+)$/m;
  const shown = await text.text();
  const [line = '', count, url] = said.exec(shown) ?? [];
  expect(url).toBe(`${build.url}/log`);
  const [head = '', tail = ''] = shown.split(`${line}\n`);
  expect(head.split('\n').length - 1 + Number(count) + tail.split('\n').length - 1).toBe(12_001);

  const range = `after=${gap.first - 1}&until=${gap.last}`;
  const missed = await (await fetch(`${build.url}/log?${range}`)).text();
  expect(missed.split('\n')).toHaveLength(gap.last - gap.first + 2);
  expect(missed.split('\n')[0]).toContain(' xxx');
  expect(await metric('slipway_log_gaps_total')).toBeGreaterThanOrEqual(2);
  build.close();
});

test('a part of a log is asked for by its numbers, and a wrong number is refused', async () => {
  const build = await buildOfOurs(slipway);
  await build.print(numbers(1, 20).map((n) => `line ${n}`));
  const log = async (query: string) => (await fetch(`${build.url}/log?${query}`)).text();
  expect(await log('after=17')).toBe('line 18\nline 19\nline 20\n');
  expect(await log('after=2&until=4')).toBe('line 3\nline 4\n');
  expect(await log('until=1&follow=1')).toBe('line 1\n');
  const refused = await fetch(`${build.url}/log?until=x`);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: { message: 'The parameter until must be the number of a line, not "x".' },
  });
  await build.end();
  build.close();
});

test('hostile lines break neither the framing of events nor the text', async () => {
  const hostile = [
    '\0',
    'a\ud800b',
    '\rdata: {}\r\r',
    '\n\nevent: state\ndata: {}\n\n',
    '\u2028\u2029',
    'y'.repeat(1_000_000),
    '',
  ];
  const build = await buildOfOurs(slipway);
  const live = allEvents(build.url);
  await build.print(hostile);
  await until(
    'they are there',
    async () => (await (await fetch(`${build.url}/log`)).text()).length > 1e6,
  );
  await build.end();
  const archived = () =>
    until(
      'it is archived',
      async () => (await build.store.redis.exists(build.store.keys.log(build.id))) === 0,
    );
  const atOnce = await live;
  await archived();
  for (const events of [atOnce, await allEvents(build.url)]) {
    const lines = events.filter(({ event }) => event === 'log');
    expect(lines.map(({ data }) => data.text)).toEqual(hostile);
    expect(events.filter(({ event }) => event === 'state').at(-1)?.data).toMatchObject({
      id: build.id,
    });
  }
  const text = await (await fetch(`${build.url}/log`)).text();
  expect(text).toBe(
    hostile
      .map((line) => `${line}\n`)
      .join('')
      .replace('\ud800', '\ufffd'),
  );
  build.close();
});
