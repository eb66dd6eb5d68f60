import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import type { Store } from '../../queue/build-store.ts';
import { claimHead, forgetHeads, headsOf, takeBaseline } from '../../queue/heads.ts';
import { keysUnder } from '../../queue/keys.ts';
import { connectForWork } from '../../queue/redis.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const ref = 'refs/heads/main';
const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
let store: Store;

beforeEach(() => {
  store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
});
afterAll(() => redis.disconnect());

const claim = (before: string, after: string, pushedAt: number) =>
  claimHead(store, 1, { ref, before, after, pushedAt }, 'webhook');
const sweep = (before: string, after: string, pushedAt: number) =>
  claimHead(store, 1, { ref, before, after, pushedAt }, 'sweep');
const headNow = async () => (await headsOf(store, 1))?.refs.get(ref);

test('a push that is told of twice, or by the sweep, which guesses “before”, is one push', async () => {
  expect(await claim(a, b, 10)).toBe(a);
  expect(await claim(a, b, 10)).toBe(a);
  expect(await claim(a, b, 11)).toBe(a);
  expect(await sweep(c, b, 12)).toBe(a);
  expect(await claim(a, b, 12)).toBe(a);
  expect(await headNow()).toEqual({ after: b, at: 12 });
});

test('what the sweep found and the pushes between do not make each other anew', async () => {
  await claim(a, b, 10);
  // The sweep sees a at 20, where it came by c at 19.
  expect(await sweep(b, a, 20)).toBe(b);
  expect(await claim(c, a, 20)).toBe(b);
  expect(await claim(b, c, 19)).toBe(b);
  expect(await claim(c, a, 19)).toBe(b);
  expect(await headNow()).toEqual({ after: a, at: 20 });
});

test('a head that comes back after another is a push of its own, and just one', async () => {
  expect(await claim(a, b, 10)).toBe(a);
  expect(await claim(b, a, 20)).toBe(b);
  expect(await claim(a, b, 30)).toBe(`${a}@30`);
  expect(await claim(a, b, 30)).toBe(`${a}@30`);
  expect(await headNow()).toEqual({ after: b, at: 30 });
});

test('a head that is pushed again from where nobody told of is a push of its own', async () => {
  expect(await claim(a, b, 10)).toBe(a);
  expect(await claim(c, b, 30)).toBe(`${c}@30`);
  expect(await claim(c, b, 30)).toBe(`${c}@30`);
  // The push to c in between, and the first push again.
  expect(await claim(b, c, 20)).toBe(b);
  expect(await claim(a, b, 10)).toBe(`${c}@30`);
  expect(await headNow()).toEqual({ after: b, at: 30 });
});

test('what an older version remembers of a push is taken for the same push', async () => {
  await redis.set(store.keys.plannedHead(1, `${ref} ${b}`), `${a} 10`);
  expect(await claim(c, b, 12)).toBe(a);
  expect(await claim(c, b, 12)).toBe(a);
});

test('pushes of one second in the wrong order stay one each', async () => {
  expect(await claim(b, c, 10)).toBe(b);
  expect(await claim(a, b, 10)).toBe(a);
  expect(await claim(b, c, 10)).toBe(b);
});

test('a baseline leaves what is known, and a ref that moved on is not forgotten', async () => {
  expect(await headsOf(store, 1)).toBeNull();
  await claim(a, b, 10);
  await takeBaseline(store, 1, new Map([[ref, { after: a, at: 0 }]]));
  await takeBaseline(store, 1, new Map([['refs/tags/v1', { after: c, at: 0 }]]));
  const heads = await headsOf(store, 1);
  expect(heads).toEqual({
    refs: new Map([
      [ref, { after: b, at: 10 }],
      ['refs/tags/v1', { after: c, at: 0 }],
    ]),
    hasBaseline: true,
  });
  await claim(b, c, 11);
  await forgetHeads(store, 1, heads?.refs ?? new Map());
  expect((await headsOf(store, 1))?.refs).toEqual(new Map([[ref, { after: c, at: 11 }]]));
});
