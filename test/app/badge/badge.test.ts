import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { type BadgeOf, badgeState } from '../../../app/badge/badge-state.ts';
import { badgeSvg } from '../../../app/badge/badge-svg.ts';
import type { BuildState } from '../../../queue/build.ts';
import { changeBuild, createBuild, type NewBuild } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { connectForWork } from '../../../queue/redis.ts';
import { newBuild } from '../../queue/new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
afterAll(() => redis.disconnect());

/** A repository with these builds, oldest first; answers what its badge says. */
async function badgeOf(builds: [BuildState, Partial<NewBuild>?][], of: BadgeOf = {}) {
  const repository = { ...newBuild().repository, id: Math.floor(Math.random() * 2 ** 31) };
  for (const [state, more] of builds) {
    const build = { ...newBuild(), ...more, repository };
    await createBuild(store, build);
    if (state === 'queued') continue;
    await changeBuild(store, build.id, { to: 'running' });
    if (state !== 'running') await changeBuild(store, build.id, { to: state });
  }
  return badgeState(store, repository, of);
}

test.each([
  ['succeeded', 'passing'],
  ['failed', 'failing'],
  ['errored', 'errored'],
  ['cancelled', 'cancelled'],
  ['running', 'building'],
  ['queued', 'building'],
] as const)('a last build that is %s is %s', async (state, word) => {
  expect(await badgeOf([['succeeded'], [state]])).toBe(word);
});

test('what was never built is unknown, and so are a ref and a rule without builds', async () => {
  expect(await badgeOf([])).toBe('unknown');
  expect(await badgeOf([['succeeded']], { ref: 'other' })).toBe('unknown');
  expect(await badgeOf([['succeeded']], { name: 'other' })).toBe('unknown');
});

test('only the default branch counts, unless another ref is asked for', async () => {
  const builds: [BuildState, Partial<NewBuild>?][] = [
    ['succeeded'],
    ['failed', { ref: 'refs/heads/feature' }],
  ];
  expect(await badgeOf(builds)).toBe('passing');
  expect(await badgeOf(builds, { ref: 'feature' })).toBe('failing');
  expect(await badgeOf(builds, { ref: 'refs/heads/feature' })).toBe('failing');
});

test('of the rules that built the last commit the worst counts, after a retry its end', async () => {
  const [old, sha] = ['1'.repeat(40), '2'.repeat(40)];
  const builds: [BuildState, Partial<NewBuild>?][] = [
    ['errored', { sha: old, name: 'api' }],
    ['failed', { sha, name: 'api' }],
    ['succeeded', { sha, name: 'web' }],
  ];
  expect(await badgeOf(builds)).toBe('failing');
  expect(await badgeOf(builds, { name: 'web' })).toBe('passing');
  expect(await badgeOf([...builds, ['succeeded', { sha, name: 'api' }]])).toBe('passing');
});

test('a badge names itself, and shows a hostile label as text', () => {
  expect(badgeSvg('web', 'failing')).toMatch(
    /<svg [^>]*role="img" aria-label="web: failing"><title>web: failing<\/title>/,
  );
  const svg = badgeSvg('</title><script>alert(1)</script>"&\0\u202e\ud800\uffff', 'passing');
  expect(svg).not.toContain('<script');
  expect(svg).not.toMatch(/[\0-\u0008\u202e\ufffe\uffff]|\p{Cs}/u);
});
