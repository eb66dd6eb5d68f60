import { describe, expect, test } from '@jest/globals';
import { failedInstruction } from '../../../worker/engine/failed-instruction.ts';

/** The first and last line found for a vertex. */
function linesFor(dockerfile: string, vertex: string, args: Record<string, string> = {}) {
  const found = failedInstruction(dockerfile, vertex, args);
  return found && [found.line, found.endLine];
}

test('instructions that make no layer are not counted', () => {
  const dockerfile = 'FROM a\nARG X\nENV Y=1\nLABEL l=1\nUSER u\nRUN x\nEXPOSE 1\nRUN x\n';
  expect(linesFor(dockerfile, '[2/3] RUN x')).toEqual([6, 6]);
  expect(linesFor(dockerfile, '[3/3] RUN x')).toEqual([8, 8]);
});

test('FROM scratch has no number, and numbers may be padded', () => {
  const runs = Array.from({ length: 11 }, (_, n) => `RUN r${n}`).join('\n');
  expect(linesFor(`FROM scratch\n${runs}`, '[ 2/11] RUN r1')).toEqual([3, 3]);
  expect(linesFor(`FROM x AS y\n${runs}`, '[ 2/12] RUN r0')).toEqual([2, 2]);
});

describe('a stage', () => {
  const dockerfile = 'FROM a AS One\nRUN x\nFROM b\nRUN x\nFROM one as three\nRUN x\n';
  test.each([
    ['[one 2/2] RUN x', [2, 2]],
    ['[stage-1 2/2] RUN x', [4, 4]],
    ['[linux/arm64 stage-1 2/2] RUN x', [4, 4]],
    ['[three 1/1] RUN x', [6, 6]],
    ['[stage-7 2/2] RUN x', null],
    ['[2/2] RUN x', null],
  ])('is found by its name or number: %s', (vertex, lines) => {
    expect(linesFor(dockerfile, vertex)).toEqual(lines);
  });
});

test('continuations, comments and empty lines inside belong to the instruction', () => {
  const dockerfile = '\n# c\nFROM a\n\nRUN one \\\n  # c\n\n  && two \\ \n  && three\n# c\nRUN x\n';
  expect(linesFor(dockerfile, '[2/3] RUN one   && two   && three')).toEqual([5, 9]);
  expect(linesFor(dockerfile, '[3/3] RUN x')).toEqual([11, 11]);
});

test('another escape character continues lines instead', () => {
  const dockerfile = '# escape=`\nFROM a\nRUN c:\\\nRUN x `\n  y\n';
  expect(linesFor(dockerfile, '[2/3] RUN c:\\')).toEqual([3, 3]);
  expect(linesFor(dockerfile, '[3/3] RUN x   y')).toEqual([4, 5]);
});

test('a heredoc belongs to its instruction', () => {
  const dockerfile = 'FROM a\nRUN <<EOF cat <<-"TWO"\nRUN no\nEOF\n\tx\n\tTWO\nRUN x\n';
  expect(linesFor(dockerfile, '[2/3] RUN <<EOF cat <<-"TWO" (RUN no...)')).toEqual([2, 6]);
  expect(linesFor(dockerfile, '[3/3] RUN x')).toEqual([7, 7]);
});

test('variables are expanded in the name of a vertex', () => {
  const dockerfile = `FROM a\nARG V\nRUN get \${V:-1} "$V" now\nRUN get it later\n`;
  expect(linesFor(dockerfile, '[2/3] RUN get 22 "22" now')).toEqual([3, 3]);
});

test('ONBUILD of a base image shifts the numbers, and the text still finds its line', () => {
  expect(linesFor('FROM a\nRUN one\nRUN two\n', '[3/3] RUN one')).toEqual([2, 2]);
  expect(linesFor('FROM a\nRUN one\nRUN two\n', '[2/3] COPY . /app')).toBeNull();
  expect(linesFor('FROM a\nONBUILD RUN one\nRUN two\n', '[2/2] RUN two')).toEqual([3, 3]);
});

describe('an image', () => {
  const dockerfile = `ARG V=20\nARG I="node:\${V}"\nFROM \${I} AS n\nFROM r.example:5000/x/y@sha256:aa\nCOPY --from=busybox / /\nRUN --mount=type=bind,from=tools:1,target=/t x\n`;
  test.each([
    ['docker.io/library/node:20', {}, [3, 3]],
    ['docker.io/library/node:22', { V: '22' }, [3, 3]],
    ['r.example:5000/x/y@sha256:aa', {}, [4, 4]],
    ['docker.io/library/busybox:latest', {}, [5, 5]],
    ['docker.io/library/tools:1', {}, [6, 6]],
    ['docker.io/library/other:latest', {}, null],
  ])('is found where it is named: %s', (image, args, lines) => {
    const given = args as Record<string, string>;
    expect(linesFor(dockerfile, `[internal] load metadata for ${image}`, given)).toEqual(lines);
    expect(linesFor(dockerfile, `FROM ${image}`, given)).toEqual(lines);
  });
});

test('hostile files cost no time', () => {
  const before = Date.now();
  for (const hostile of [
    `FROM a\nRUN ${' '.repeat(300_000)}x\n`,
    `FROM a\nRUN ${'<<A '.repeat(50_000)}\n`,
    `FROM a\n${'RUN x \\\n'.repeat(100_000)}`,
    `FROM a\n${'RUN <<E\n'.repeat(50_000)}`,
    `FROM a\nRUN ${'$x${'.repeat(50_000)}\n`,
    `ARG ${'a='.repeat(50_000)}\nFROM ${'${a:-'.repeat(20_000)}\n`,
  ]) {
    linesFor(hostile, '[2/2] RUN x');
    linesFor(hostile, `[2/2] RUN ${'x '.repeat(50_000)}`);
    linesFor(hostile, '[internal] load metadata for docker.io/library/x:latest');
  }
  expect(Date.now() - before).toBeLessThan(3000);
});
