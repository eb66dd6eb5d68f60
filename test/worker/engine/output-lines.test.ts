import { afterEach, expect, test } from '@jest/globals';
import { addOutput, emptyOutput, endOutput } from '../../../worker/engine/output-lines.ts';
import { createMask } from '../../../worker/log/mask.ts';

const secrets: string[] = [];
const mask = createMask(() => secrets);
afterEach(() => void secrets.splice(0));

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const output = emptyOutput(mask);
  const lines = chunks.flatMap((chunk) => addOutput(output, Buffer.from(chunk)));
  return [...lines, ...endOutput(output)];
}

test('lines are put together from pieces, and empty ones kept', () => {
  expect(linesOf('a', 'b\n\nc', '\n', 'd')).toEqual(['ab', '', 'c', 'd']);
  expect(linesOf('')).toEqual([]);
});

test('carriage returns leave the last state, and end lines as Windows writes them', () => {
  expect(linesOf('1%\r2%', '\r3%', '\r', '\nx\r', '\r\n')).toEqual(['3%', 'x']);
  expect(linesOf('done\r\n', 'last\r')).toEqual(['done', 'last']);
  expect(linesOf('\r', 'a\n\r\n\rb')).toEqual(['a', '', 'b']);
});

test('a progress bar without an end is not collected', () => {
  const output = emptyOutput(mask);
  for (let n = 0; n < 10_000; n += 1)
    expect(addOutput(output, Buffer.from(`\rstate ${n}`))).toEqual([]);
  expect(output.pending.length).toBeLessThan(50);
  expect(endOutput(output)).toEqual(['state 9999']);
});

test('a character cut between any two bytes is whole again', () => {
  const bytes = Buffer.from('ä€😀');
  for (let at = 0; at <= bytes.length; at += 1)
    expect(linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['ä€😀']);
});

test('what is no UTF-8 becomes replacement characters', () => {
  expect(linesOf(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xc3]))).toEqual(['a\ufffdb', '\ufffd']);
});

test('a long line comes in pieces of whole characters, at most 16 KiB each', () => {
  const text = `x${'😀'.repeat(20_000)}`;
  const pieces = linesOf(text.slice(0, 30_001), text.slice(30_001), '\n', 'next\n');
  expect(pieces.pop()).toBe('next');
  expect(pieces.join('')).toBe(text);
  for (const piece of pieces) {
    expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(16 * 1024);
    expect(piece).not.toMatch(/\ufffd/);
  }
});

test('a secret at any place of an endless line, in parts of any size, is never cut in two', () => {
  secrets.push('correct-horse-battery', 'horse-battery-staple');
  const secret = 'correct-horse-battery-staple';
  for (const size of [1_000, 4_099, 16_384, 200_000]) {
    for (let before = 16_384 - 32; before <= 16_384 + 4; before += 1) {
      const text = `${'x'.repeat(before)}${secret}${'é'.repeat(30_000)}${secret}${'y'.repeat(40_000)}`;
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.slice(index * size, (index + 1) * size),
      );
      const lines = linesOf(...chunks);
      expect(lines.length).toBeGreaterThan(6);
      expect(lines.join('')).toBe(text);
      const shown = lines.map(mask.hide).join('');
      expect(shown).toBe(text.replaceAll(secret, '***'));
    }
  }
});
