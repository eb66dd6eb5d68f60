import { expect, test } from '@jest/globals';
import { newBuild as newRecord } from '../../../app/plan/new-build.ts';
import { renderCheck } from '../../../app/report/render-check.ts';
import type { Build } from '../../../queue/build.ts';
import { newBuild } from '../../queue/new-build.ts';

/** Half of a character that takes two UTF-16 units. */
const half = /\p{Surrogate}/u;

test.each([0, 1])('texts that are too long are not cut inside a character, %d before them', (n) => {
  const long = 'x'.repeat(n) + '🐳'.repeat(40_000);
  const { repository } = newBuild();
  const subject = {
    ...{ repository, sha: 'a'.repeat(40), ref: 'refs/heads/main', event: 'push' as const },
    ...{ before: null, baseRef: null, message: long, author: long, committedAt: new Date() },
    ...{ pushedAt: 1, forced: false, follows: null, pullRequest: null, cache: true, cause: [] },
  };
  const rule = { name: '', image: '', tags: [], labels: {} };
  const record = newRecord({ publicUrl: '' }, subject, rule);
  const failure = { step: 'build', path: 'Dockerfile', line: 1, endLine: 1, lastLines: [long] };
  const ended = { state: 'failed', reason: long, startedAt: null, steps: [], failure };
  const check = renderCheck({ ...record, ...ended } as unknown as Build);
  expect([check.title.length, record.message.length]).toEqual([250 - n, 200 - n]);
  const texts = [check.title, check.summary, check.annotations[0]?.message, record.message];
  for (const text of [...texts, record.author]) expect(text).not.toMatch(half);
});

test('a reason makes no mention, no markup and no second line', () => {
  const reason = 'Ask &commat;octocat, &#64;octocat or @octocat\r\n\n# [here](https://evil)';
  const build = { ...newBuild(), state: 'failed', reason, startedAt: null, steps: [] };
  const { summary } = renderCheck({ ...build, failure: null } as unknown as Build);
  expect(summary.split('\n')[0]).toBe(
    'Ask \\&commat;octocat, \\&\\#64;octocat or @\u200boctocat \\# \\[here\\](https://evil)',
  );
});
