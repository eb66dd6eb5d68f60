import { expect, test } from '@jest/globals';
import { readPatterns } from '../../../app/plan/matches.ts';

test.each([
  ['main', 'main', true],
  ['release/*', 'release/1/a', false],
  ['release/**', 'release/1/a', true],
  ['**/*.md', 'README.md', true],
  ['v[0-9].{1,2}', 'v3.2', true],
  ['/^v\\d+$/', 'v12', true],
  ['/V1/i', 'xv1', true],
  ['a.c', 'abc', false],
])('%s, of %s: %s', (pattern, name, matches) => {
  expect(readPatterns([pattern]).matches(name)).toBe(matches);
});

test('! takes back what came before, and the last that matches decides', () => {
  const { matches } = readPatterns(['src/**', '!**/*.md', 'src/keep.md']);
  expect(['src/a', 'src/a.md', 'src/keep.md', 'b'].map(matches)).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(readPatterns(['!docs/**']).matches('src/a')).toBe(true);
});

test.each([
  '/(a+)+$/',
  '/^(a|a)*$/',
  '/(.*a){12}$/',
  `${'**/'.repeat(80)}b`,
  `${'*a'.repeat(100)}b`,
  `${'{a,aa}'.repeat(40)}b`,
])('%s on a name that is made for it takes no second', (pattern) => {
  const start = performance.now();
  expect(readPatterns([pattern]).matches(`${'a'.repeat(4_000)}!`)).toBe(false);
  expect(performance.now() - start).toBeLessThan(1_000);
});
