import { describe, expect, test } from '@jest/globals';
import { isOlder, type Wishing } from '../../../worker/attempt/tag-order.ts';

/** A straight history, and a commit beside it. */
const history = ['first', 'second', 'third'];
const isAncestor = async (older: string, newer: string) =>
  history.includes(older) &&
  history.includes(newer) &&
  history.indexOf(older) < history.indexOf(newer);
const unknown = async () => null;

const push = (sha: string, more: Partial<Wishing> = {}) => ({
  ...{ sha, pushedAt: 100, seq: 5, ref: 'refs/heads/main', forced: false, follows: null },
  ...more,
});

describe('a push of a commit that follows on the one shown', () => {
  const owner = push('first');
  test.each<[string, Partial<Wishing>, Partial<Wishing>, boolean]>([
    ['later', { pushedAt: 101 }, {}, false],
    ['earlier, of which we heard later', { pushedAt: 99 }, {}, false],
    ['in the same second, planned earlier', { seq: 4 }, {}, false],
    ['earlier than the branch was set back on purpose', { pushedAt: 99 }, { forced: true }, true],
    ['later than the branch was set back', { pushedAt: 101 }, { forced: true }, false],
    ['in the second in which the branch was set back', {}, { forced: true }, false],
  ])('%s', async (_, more, owners, expected) => {
    const build = push('third', more);
    expect(await isOlder(build, { ...owner, ...owners }, isAncestor)).toBe(expected);
  });
});

describe('a push of a commit on which the one shown follows', () => {
  const owner = push('third');
  test.each<[string, Partial<Wishing>, boolean]>([
    ['earlier', { pushedAt: 99 }, true],
    ['later, as of another branch', { pushedAt: 101 }, true],
    ['in the same second, planned later', { seq: 6 }, true],
    ['later and forced', { pushedAt: 101, forced: true }, false],
    ['earlier and forced', { pushedAt: 99, forced: true }, true],
    ['in the same second and forced', { forced: true }, true],
  ])('%s', async (_, more, expected) => {
    expect(await isOlder(push('first', more), owner, isAncestor)).toBe(expected);
  });
});

describe.each([
  ['of which neither follows on the other', isAncestor],
  ['whose history git cannot tell', unknown],
])('pushes of commits %s', (_, ancestry) => {
  const owner = push('second');
  test.each<[string, Partial<Wishing>, boolean]>([
    ['later', { pushedAt: 101, seq: 4 }, false],
    ['earlier', { pushedAt: 99, seq: 6 }, true],
    ['in the same second, planned later', { seq: 6 }, false],
    ['in the same second, planned earlier', { seq: 4 }, true],
    ['earlier and forced', { pushedAt: 99, forced: true }, true],
  ])('%s', async (_name, more, expected) => {
    expect(await isOlder(push('beside', more), owner, ancestry)).toBe(expected);
  });
});

test('a fast-forward from the commit shown needs no history', async () => {
  const build = push('beside', { follows: 'second', pushedAt: 99, seq: 1 });
  const nobody = () => Promise.reject(new Error('Nobody should be asked'));
  expect(await isOlder(build, push('second'), nobody)).toBe(false);
});

test('the commit itself is never older than itself', async () => {
  const nobody = () => Promise.reject(new Error('Nobody should be asked'));
  expect(await isOlder(push('first', { pushedAt: 1, seq: 1 }), push('first'), nobody)).toBe(false);
});
