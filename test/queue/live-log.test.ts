import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { changeBuild, createBuild, getBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import {
  appendCut,
  appendLines,
  countLogs,
  readLiveLines,
  storedSize,
} from '../../queue/live-log.ts';
import { type LogEvent, readLog } from '../../queue/read-log.ts';
import { connectForWork } from '../../queue/redis.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
const archive = { folder: '/nowhere' };
afterAll(() => redis.disconnect());

async function runningBuild() {
  const build = newBuild();
  await createBuild(store, build);
  await changeBuild(store, build.id, { to: 'running', countUp: ['fence'] });
  return build.id;
}

const lineOf = (text: string) =>
  ({ at: 1_764_078_339_123, step: 'build', stream: 'stdout', text }) as const;
const nothing = { skipped: 0, removed: null, bytes: 0 };

async function eventsOf(id: string, after = 0): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for await (const event of readLog(store, archive, id, after)) events.push(event);
  return events;
}

test('lines left out and lines removed are a gap for whoever reads, and counted', async () => {
  const before = await countLogs(store);
  const id = await runningBuild();
  expect(await appendCut(store, id, 1, [lineOf('1'), lineOf('2')], nothing)).toBe(2);
  expect(await appendCut(store, id, 1, [lineOf('8')], { ...nothing, skipped: 5, bytes: 500 })).toBe(
    8,
  );
  const removed = { first: 2, last: 8 };
  expect(await appendCut(store, id, 1, [lineOf('9')], { ...nothing, removed })).toBe(9);
  expect(await getBuild(store, id)).toMatchObject({ lines: 9 });
  expect(await eventsOf(id)).toEqual([
    { lines: [{ n: 1, ...lineOf('1') }] },
    { gap: { first: 2, last: 8, why: 'limit' } },
    { lines: [{ n: 9, ...lineOf('9') }] },
  ]);
  expect(await eventsOf(id, 5)).toMatchObject([
    { gap: { first: 6, last: 8 } },
    { lines: [{ n: 9 }] },
  ]);
  const after = await countLogs(store);
  expect(after.lines - before.lines).toBe(4);
  expect(after.cutLines - before.cutLines).toBe(5 + 2);
  expect(after.cutBytes - before.cutBytes).toBe(500);
});

test('lines that are sent twice, as a cut connection does it, are there once', async () => {
  const id = await runningBuild();
  const twice = async (lines: string[], cut: typeof nothing, after: number) => {
    const send = () => appendCut(store, id, 1, lines.map(lineOf), cut, after);
    return [await send(), await send()];
  };
  expect(await twice(['1', '2'], nothing, 0)).toEqual([2, 2]);
  expect(await twice(['6'], { ...nothing, skipped: 3 }, 2)).toEqual([6, 6]);
  expect(await twice(['7', '8'], nothing, 6)).toEqual([8, 8]);
  const found = await readLiveLines(store, id, 0, 10);
  expect(found.map(({ n, text }) => [n, text])).toEqual([1, 2, 6, 7, 8].map((n) => [n, String(n)]));
});

test('a cut that comes too late changes nothing', async () => {
  const id = await runningBuild();
  await appendLines(store, id, 1, [lineOf('1')]);
  await changeBuild(store, id, { to: 'queued' });
  await changeBuild(store, id, { to: 'running', countUp: ['fence'] });
  const cut = { skipped: 5, removed: { first: 1, last: 1 }, bytes: 5 };
  expect(await appendCut(store, id, 1, [lineOf('late')], cut)).toBeNull();
  expect((await readLiveLines(store, id, 0, 10)).map(({ text }) => text)).toEqual(['1']);
});

test('a change says a last line in the same step, or neither', async () => {
  const id = await runningBuild();
  await appendLines(store, id, 1, [lineOf('1')]);
  const change = { to: 'queued', fence: 1, say: lineOf('lost') } as const;
  expect(await changeBuild(store, id, change)).toBe('ok');
  expect(await changeBuild(store, id, change)).toMatchObject({ refused: 'state' });
  expect((await readLiveLines(store, id, 0, 10)).map(({ n, text }) => [n, text])).toEqual([
    [1, '1'],
    [2, 'lost'],
  ]);
  expect(await getBuild(store, id)).toMatchObject({ state: 'queued', lines: 2 });
});

test('a reader is given long lines in small portions, and all of them', async () => {
  const id = await runningBuild();
  const lines = Array.from({ length: 40 }, (_, i) => lineOf(String(i % 10).repeat(16_384)));
  await appendLines(store, id, 1, lines);
  const all: string[] = [];
  for (let after = 0; ; ) {
    const some = await readLiveLines(store, id, after, 1_000);
    if (some.length === 0) break;
    expect(some.length).toBeLessThanOrEqual(4);
    all.push(...some.map(({ text }) => text));
    after = some.at(-1)!.n;
  }
  expect(all).toEqual(lines.map(({ text }) => text));
});

test.each([
  ['short', 'x'],
  ['usual', `#12 3.456 ${'npm http fetch GET 200 '.repeat(4)}`],
  ['long', 'y'.repeat(16_384)],
  ['hostile', '\0\u001b"\\\ud800é😀'.repeat(20)],
])('what a %s line is reckoned to take is what it takes', async (_, text) => {
  const id = await runningBuild();
  const lines = Array.from({ length: 1_000 }, () => lineOf(text));
  await appendLines(store, id, 1, lines);
  const taken = Number(await redis.call('MEMORY', 'USAGE', store.keys.log(id), 'SAMPLES', '0'));
  const reckoned = lines.reduce((sum, line) => sum + storedSize(line), 0);
  expect(taken / reckoned).toBeLessThan(1.35);
  expect(taken / reckoned).toBeGreaterThan(0.6);
});
