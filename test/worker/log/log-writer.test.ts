import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type Cut, storedSize, type UnnumberedLine } from '../../../queue/live-log.ts';
import { createLogWriter, type Send } from '../../../worker/log/log-writer.ts';
import { createMask } from '../../../worker/log/mask.ts';

/** A log as Redis would hold it: number → text. */
function emptyLog() {
  const lines = new Map<number, UnnumberedLine>();
  const cuts: Cut[] = [];
  let last = 0;
  let most = 0;
  const send: Send = async (more, cut) => {
    await sleep(1);
    cuts.push(cut);
    last += cut.skipped;
    for (const line of more) lines.set(++last, line);
    for (let n = cut.removed?.first ?? 1; n <= (cut.removed?.last ?? 0); n += 1) lines.delete(n);
    const size = [...lines.values()].reduce((sum, line) => sum + storedSize(line), 0);
    most = Math.max(most, size);
    return last;
  };
  return { lines, cuts, send, most: () => most, last: () => last };
}

const hideNothing = (text: string) => text;
const textsOf = (lines: Map<number, UnnumberedLine>) => [...lines.values()].map(({ text }) => text);

async function written(texts: string[], secrets: string[], limit: number): Promise<string[]> {
  const { lines, send } = emptyLog();
  const log = createLogWriter(send, createMask(() => secrets).hide, limit);
  for (const text of texts) await log.write('build', 'stdout', text);
  await log.close();
  return textsOf(lines);
}

test('secrets and whatever looks like a GitHub token are hidden', async () => {
  const token = `ghs_${'a1'.repeat(20)}`;
  const lines = await written(['my pass-word-1 here', `token ${token}.`], ['pass-word-1'], 10_000);
  expect(lines[0]).toBe('my *** here');
  expect(lines[1]).not.toContain('a1a1');
});

test('a secret is hidden without the blanks around it too', async () => {
  const secrets = ['abcdef123\r\n', '  ghijkl456 \n'];
  expect(await written(['is abcdef123', 'is ghijkl456!'], secrets, 10_000)).toEqual([
    'is ***',
    'is ***!',
  ]);
});

test('secrets that overlap, or begin alike, are hidden whole', () => {
  const mask = createMask(() => ['abcdefgh', 'efghijkl', 'abcdefghij', 'first line\nsecond line']);
  expect(mask.hide('<abcdefghijkl> <abcdefghij> <abcdefgh>')).toBe('<***> <***> <***>');
  expect(mask.hide('a second line of it')).toBe('a *** of it');
});

test('a log over its limit keeps its beginning and its end, and says that it was cut', async () => {
  const { lines, send, most, last } = emptyLog();
  const limit = 40_000;
  const log = createLogWriter(send, hideNothing, limit);
  for (let i = 0; i < 5_000; i += 1) await log.write('build', 'stdout', `line ${i}`);
  await log.close();
  const texts = textsOf(lines);
  expect(texts[0]).toBe('line 0');
  expect(texts.at(-1)).toBe('line 4999');
  const said = texts.findIndex((text) => text.includes('LOG_LIMIT'));
  expect(texts.slice(0, said)).toEqual(Array.from({ length: said }, (_, i) => `line ${i}`));
  const end = texts.slice(said + 1);
  expect(end).toEqual(
    Array.from({ length: end.length }, (_, i) => `line ${5_000 - end.length + i}`),
  );
  // Every line has its number, those that were left out as well.
  expect(last()).toBe(5_001);
  expect([...lines.keys()].at(-end.length)).toBe(5_002 - end.length);
  expect(most()).toBeLessThan(limit * 1.05);
  expect(said).toBeGreaterThan(200);
  expect(end.length).toBeGreaterThan(80);
});

test('the end of a log over its limit is written while it goes on, and gives up what is older', async () => {
  const { lines, send, most } = emptyLog();
  const log = createLogWriter(send, hideNothing, 20_000);
  for (let i = 0; i < 400; i += 1) await log.write('build', 'stdout', `line ${i}`);
  for (const more of ['one', 'two', 'three']) {
    await sleep(1_300);
    await log.write('build', 'stdout', more);
    await sleep(1_300);
    expect(textsOf(lines).at(-1)).toBe(more);
  }
  expect(textsOf(lines)).toContain('line 399');
  expect(most()).toBeLessThan(21_000);
  await log.close();
});

test('short and hostile lines are counted by what they take, not by their text', async () => {
  const { lines, send, most } = emptyLog();
  const log = createLogWriter(send, hideNothing, 100_000);
  for (let i = 0; i < 20_000; i += 1) await log.write('build', 'stdout', i % 2 ? '' : '\0"\ud800é');
  await log.close();
  expect(lines.size).toBeLessThan(1_200);
  expect(most()).toBeLessThan(105_000);
});

test('once the build is another’s, nothing more is sent and nobody waits', async () => {
  let sent = 0;
  const send: Send = async () => {
    sent += 1;
    return null;
  };
  const log = createLogWriter(send, hideNothing, 10_000);
  await log.write('build', 'stdout', 'one');
  await sleep(200);
  await log.write('build', 'stdout', 'two');
  await log.close();
  expect(sent).toBe(1);
});

test('a failure to send comes out of what is written next', async () => {
  const log = createLogWriter(() => Promise.reject(new Error('no Redis')), hideNothing, 10_000);
  await log.write('build', 'stdout', 'one');
  await sleep(200);
  expect(() => log.write('build', 'stdout', 'two')).toThrow('no Redis');
  await expect(log.close()).rejects.toThrow('no Redis');
});
