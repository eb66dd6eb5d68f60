import { expect, test } from '@jest/globals';
import { addOutput, emptyOutput, endOutput } from '../../../worker/engine/output-lines.ts';

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const output = emptyOutput();
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
  const output = emptyOutput();
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
