import { expect, test } from '@jest/globals';
import { isInstruction, readBuildSteps } from '../../../app/log/build-steps.ts';
import { compareBuilds } from '../../../app/log/compare-builds.ts';
import { linesAround } from '../../../app/log/dockerfile-excerpt.ts';
import type { LogLine } from '../../../queue/build.ts';
import { isInstruction as isVertexInstruction } from '../../../worker/engine/plain-progress.ts';

async function* pieces(texts: string[], stream: LogLine['stream'] = 'status') {
  const line = { at: 0, step: 'build', stream } as const;
  for (const [index, text] of texts.entries()) yield [{ ...line, n: index + 1, text }];
}

const steps = (texts: string[]) => readBuildSteps(pieces(texts));

test('steps are read with what they took and what came from the cache', async () => {
  const found = await steps([
    '#1 [internal] load build definition from Dockerfile',
    '#1 transferring dockerfile: 150B done',
    '#2 [1/3] FROM docker.io/library/node:20',
    '#1 DONE 0.0s',
    '#3 [2/3] RUN npm ci',
    '#3 CACHED',
    '#4 [3/3] COPY . .',
    '#4 DONE 12.3s',
    '#5 [4/4] RUN false',
    '#5 ERROR: exit code: 1',
    'Checked out.',
  ]);
  expect(found).toEqual([
    {
      number: 1,
      name: '[internal] load build definition from Dockerfile',
      isCached: false,
      seconds: 0,
    },
    { number: 2, name: '[1/3] FROM docker.io/library/node:20', isCached: false, seconds: null },
    { number: 3, name: '[2/3] RUN npm ci', isCached: true, seconds: null },
    { number: 4, name: '[3/3] COPY . .', isCached: false, seconds: 12.3 },
    { number: 5, name: '[4/4] RUN false', isCached: false, seconds: null },
  ]);
  expect(found.filter(isInstruction).map(({ number }) => number)).toEqual([3, 4, 5]);
});

test('only the last attempt counts, and nothing that a command prints', async () => {
  const found = await steps([
    '#1 [1/1] RUN a',
    '#1 DONE 9.0s',
    '#2 [2/2] RUN b',
    '#1 [1/1] RUN a',
    '#1 CACHED',
  ]);
  expect(found).toEqual([{ number: 1, name: '[1/1] RUN a', isCached: true, seconds: null }]);
  expect(await readBuildSteps(pieces(['#7 [1/1] RUN forged', '#7 CACHED'], 'stdout'))).toEqual([]);
});

test('a log of a great many steps is read to a bound', async () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `#${i + 1} [${i + 1}/5000] RUN true`);
  expect(await steps(many)).toHaveLength(1_000);
});

test.each([
  ['[', '1'],
  ['[1/', '1'],
  ['[stage ', '1/'],
])('headings that begin %j and go on %j are judged at once', (start, more) => {
  const name = start + more.repeat(16_000 / more.length);
  const heading = { number: 1, name, isCached: false, seconds: null };
  const began = performance.now();
  for (let times = 0; times < 1_000; times += 1) {
    expect(isInstruction(heading)).toBe(false);
    expect(isVertexInstruction(name)).toBe(false);
  }
  expect(performance.now() - began).toBeLessThan(3_000);
});

test('what was cached the time before and ran now missed the cache', async () => {
  const now = await steps([
    '#1 [1/3] RUN a',
    '#1 CACHED',
    '#2 [2/3] COPY b',
    '#2 DONE 2.0s',
    '#3 [3/3] RUN c',
    '#3 DONE 5.0s',
  ]);
  const before = await steps([
    '#1 [1/3] RUN a',
    '#1 CACHED',
    '#2 [2/3] COPY b',
    '#2 CACHED',
    '#3 [3/3] RUN c',
    '#3 DONE 4.0s',
  ]);
  const recorded = {
    name: 'build',
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:00:07Z',
  } as const;
  const compared = compareBuilds(
    { steps: [recorded], buildSteps: now },
    { steps: [], buildSteps: before },
  );
  expect(compared).toEqual({
    firstMiss: '[2/3] COPY b',
    steps: [{ name: 'build', now: 7_000, before: null, cache: null }],
    instructions: [
      { name: '[3/3] RUN c', now: 5_000, before: 4_000, cache: 'none' },
      { name: '[2/3] COPY b', now: 2_000, before: null, cache: 'missed' },
      { name: '[1/3] RUN a', now: null, before: null, cache: 'hit' },
    ],
  });
  expect(compareBuilds({ steps: [], buildSteps: now }, null).firstMiss).toBeNull();
});

test('the lines around a failure are those that are there', () => {
  const text = 'one\ntwo\nthree\nfour\nfive\nsix\n';
  expect(linesAround(text, 5, 5)?.map(({ n }) => n)).toEqual([2, 3, 4, 5, 6]);
  expect(linesAround(text, 1, 2)?.filter(({ isFailed }) => isFailed)).toEqual([
    { n: 1, text: 'one', isFailed: true },
    { n: 2, text: 'two', isFailed: true },
  ]);
  expect(linesAround(text, 7, 7)).toBeNull();
  expect(linesAround('a\r\nb', 2, 2)?.map(({ text }) => text)).toEqual(['a', 'b']);
  expect(linesAround('x\n'.repeat(900), 1, 900)).toHaveLength(41);
});
