import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { listImages } from '../../../app/images/list-images.ts';
import { changeBuild, createBuild, getBuild, type NewBuild } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { withLock } from '../../../queue/lock.ts';
import { connectForWork } from '../../../queue/redis.ts';
import { claimMove, tagOwner } from '../../../queue/tag-owners.ts';
import { newBuild } from '../../queue/new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
const { signal } = new AbortController();
afterAll(() => redis.disconnect());

/** A repository of its own; answers what builds an image of it, as a worker does. */
function repository() {
  const id = Math.floor(Math.random() * 2 ** 31);
  const common = { repository: { ...newBuild().repository, id }, image: `localhost/${id}` };
  const begun = async (sha: string, more: Partial<NewBuild> = {}) => {
    const build = { ...newBuild(), ...common, sha, tags: [sha, 'main'], ...more };
    await createBuild(store, build);
    await changeBuild(store, build.id, { to: 'running', countUp: ['attempt', 'fence'] });
    return (await getBuild(store, build.id))!;
  };
  const claim = (build: Awaited<ReturnType<typeof begun>>, tags: string[]) =>
    withLock(store, `tags:${build.image}`, signal, async (_, lock) => {
      for (const tag of tags) {
        const seen = await tagOwner(store, build.image, tag);
        expect(await claimMove(store, build, tag, seen, lock)).toBe(true);
      }
    });
  const built = async (sha: string, more: Partial<NewBuild> = {}) => {
    const build = await begun(sha, more);
    await claim(
      build,
      build.wantedTags.filter((tag) => tag !== sha),
    );
    const finishedAt = new Date().toISOString();
    const set = { digest: `sha256:${build.seq}`, size: 7, finishedAt };
    await changeBuild(store, build.id, { to: 'succeeded', set });
    return build;
  };
  const all = async () =>
    (await listImages(store, { id }, { limit: 100 })).images.map(
      ({ tag, buildId }) => `${tag} ${buildId}`,
    );
  return { id, begun, claim, built, all };
}

const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];

test('a tag stands with the build that moved it last', async () => {
  const { id, built, all } = repository();
  const first = await built(a);
  const second = await built(b, { tags: [b, 'main', 'latest'] });
  expect(await all()).toEqual([
    ...[b, 'main', 'latest'].map((tag) => `${tag} ${second.id}`),
    `${a} ${first.id}`,
  ]);
  const { images } = await listImages(store, { id }, { limit: 1 });
  expect(images).toEqual([
    {
      ...{ image: second.image, tag: b, digest: `sha256:${second.seq}`, size: 7, sha: b },
      ...{ buildId: second.id, builtAt: expect.stringMatching(/^\d{4}-.+Z$/) },
    },
  ]);
});

test('a branch that was set back shows the older build, though a newer one had the tag too', async () => {
  const { begun, claim, built, all } = repository();
  const slow = await begun(a);
  const quick = await built(b);
  await claim(slow, ['main']);
  const set = { digest: 'sha256:1', finishedAt: new Date().toISOString() };
  await changeBuild(store, slow.id, { to: 'succeeded', set });
  expect(await all()).toEqual([`${b} ${quick.id}`, `${a} ${slow.id}`, `main ${slow.id}`]);
});

test('a commit that was built again shows the newer image only', async () => {
  const { built, all } = repository();
  await built(a, { tags: [a] });
  const again = await built(a, { tags: [a] });
  expect(await all()).toEqual([`${a} ${again.id}`]);
});

test('what failed after it had claimed a tag, runs, or is not pushed, stands nowhere', async () => {
  const { begun, claim, built, all } = repository();
  const good = await built(a);
  const broken = await begun(b);
  await claim(broken, ['main']);
  expect(await all()).toEqual([`${a} ${good.id}`, `main ${good.id}`]);
  await changeBuild(store, broken.id, { to: 'errored', set: { reason: 'Lost.' } });
  await built('c'.repeat(40), { publish: false });
  expect(await all()).toEqual([`${a} ${good.id}`, `main ${good.id}`]);
});

test('pages hold every tag once, and may end between the tags of one build', async () => {
  const { id, built, all } = repository();
  for (const digit of '123') await built(digit.repeat(40), { tags: [digit.repeat(40), digit] });
  const paged: string[] = [];
  let after: Awaited<ReturnType<typeof listImages>>['next'] | undefined;
  do {
    const page = await listImages(store, { id }, { limit: 1, ...(after && { after }) });
    expect(page.images).toHaveLength(1);
    paged.push(...page.images.map(({ tag, buildId }) => `${tag} ${buildId}`));
    after = page.next;
  } while (after);
  expect(paged).toEqual(await all());
  expect(paged).toHaveLength(6);
});
