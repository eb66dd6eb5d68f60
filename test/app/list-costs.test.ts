import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createBuild } from '../../queue/build-store.ts';
import { newBuild } from '../queue/new-build.ts';
import { startWebInProcess } from './web-in-process.ts';

jest.setTimeout(60_000);

const web = await startWebInProcess({ recheckInterval: 60_000, remembered: 60_000 });
const { redis } = web.store;

afterAll(async () => {
  await web.stop();
  expect(web.github.violations).toEqual([]);
});

beforeAll(async () => {
  const repository = await web.known('acme', 'web', false);
  for (let made = 0; made < 300; made += 1) {
    const text = made === 120 ? 'the one that is sought' : `change ${made}`;
    await createBuild(web.store, { ...newBuild(), repository, message: text });
  }
});

const ask = async (path: string) => (await fetch(`${web.url}${path}`)).text();

/** What Redis counted of a command while this was asked for. */
async function countedWhile(command: string, path: string): Promise<number> {
  await redis.call('CONFIG', 'RESETSTAT');
  await ask(path);
  const stats = await redis.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

test.each(['name=zzz', 'q=zzz', 'sha=ffff', 'ref=zzz', 'repo=acme/web&q=zzz'])(
  'no whole record is read for what is not there: %s',
  async (query) => {
    expect(JSON.parse(await ask(`/api/builds?${query}`))).toEqual({ builds: [], cursor: null });
    expect(await countedWhile('hgetall', `/api/builds?${query}`)).toBe(0);
  },
);

test('whole records are read of those that match, on a page of newer builds too', async () => {
  const { builds } = JSON.parse(await ask('/api/builds?q=sought'));
  expect(builds).toMatchObject([{ message: 'the one that is sought' }]);
  expect(await countedWhile('hgetall', '/api/builds?q=sought')).toBe(1);
  const cursor = Buffer.from('50').toString('base64url');
  expect(await countedWhile('hgetall', `/acme/web?q=zzz&cursor=${cursor}`)).toBe(0);
  expect(await countedWhile('hgetall', '/api/builds?limit=5')).toBeLessThanOrEqual(50);
});

test('a badge is not worked out for each who asks', async () => {
  const badge = '/badge/acme/web.svg?name=zzz';
  expect(await countedWhile('hgetall', badge)).toBe(0);
  expect(await countedWhile('zrevrangebyscore', badge)).toBe(0);
  expect(await ask(badge)).toContain('zzz: unknown');
});

test('pages of any size follow on each other without a gap', async () => {
  const messages: string[] = [];
  for (let cursor = '', pages = 0; pages < 50; pages += 1) {
    const page = JSON.parse(await ask(`/api/builds?q=change&limit=40${cursor}`));
    messages.push(...page.builds.map(({ message }: { message: string }) => message));
    if (page.cursor === null) break;
    cursor = `&cursor=${page.cursor}`;
  }
  const all = Array.from({ length: 300 }, (_, at) => 299 - at).filter((made) => made !== 120);
  expect(messages).toEqual(all.map((made) => `change ${made}`));
});
