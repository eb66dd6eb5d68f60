import { expect, test } from '@jest/globals';
import type { UnnumberedLine } from '../../../queue/live-log.ts';
import { createLogWriter } from '../../../worker/log/log-writer.ts';
import { createMask } from '../../../worker/log/mask.ts';

async function written(texts: string[], secrets: string[], limit: number): Promise<string[]> {
  const lines: UnnumberedLine[] = [];
  const mask = createMask(() => secrets);
  const log = createLogWriter(async (more) => lines.push(...more), mask, limit);
  for (const text of texts) await log.write('build', 'stdout', text);
  await log.close();
  return lines.map(({ text }) => text);
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

test('a log over its limit keeps its beginning and its end and says what is missing', async () => {
  const texts = Array.from({ length: 1_000 }, (_, i) => `line ${i}`);
  const lines = await written(texts, [], 1_000);
  expect(lines[0]).toBe('line 0');
  expect(lines.at(-1)).toBe('line 999');
  const cut = lines.findIndex((text) => text.includes('left out'));
  const missing = Number(/(\d+) lines/.exec(lines[cut] ?? '')?.[1]);
  expect(missing).toBe(1_000 - (lines.length - 1));
  expect(lines.join('\n').length).toBeLessThan(1_200);
});
