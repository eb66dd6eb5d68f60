import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BuildFailed } from '../../worker/engine/build-errors.ts';
import { readSecrets } from '../../worker/secrets.ts';
import { newBuild } from '../queue/new-build.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
  await mkdir(join(folder, 'acme', 'web'), { recursive: true });
  await mkdir(join(folder, 'other'), { recursive: true });
  await writeFile(join(folder, 'acme', 'token'), 'the owner');
  await writeFile(join(folder, 'acme', 'web', 'token'), 'the repository');
  await writeFile(join(folder, 'acme', 'shared'), Buffer.from([0, 255, 10]));
  await writeFile(join(folder, 'other', 'theirs'), 'x');
  await writeFile(join(folder, 'acme', 'huge'), Buffer.alloc(600 * 1024));
});
afterAll(async () => rm(folder, { recursive: true }));

const read = (secrets: string[], isFork = false, from: string | null = folder) => {
  const { recipe } = newBuild();
  const pullRequest = isFork ? { number: 1, isFork } : null;
  return readSecrets(from, { repo: 'acme/web', recipe: { ...recipe, secrets }, pullRequest });
};

test('a repository’s own secret comes before its owner’s, byte for byte', async () => {
  expect(await read(['token', 'shared'])).toEqual(
    new Map([
      ['token', Buffer.from('the repository')],
      ['shared', Buffer.from([0, 255, 10])],
    ]),
  );
});

test('a fork’s pull request gets none', async () => {
  expect(await read(['token'], true)).toEqual(new Map());
});

test.each([
  ['none', 'The secret none is missing: its place is the file SECRETS_DIR/acme/web/none'],
  ['web', 'The secret web is missing'],
  ['..', 'The secret .. is missing'],
  ['../other/theirs', 'is missing'],
  ['huge', 'larger than 512000 bytes'],
])('%s is refused in words', async (name, message) => {
  await expect(read([name])).rejects.toThrow(BuildFailed);
  await expect(read([name])).rejects.toThrow(message);
});

test('a worker without SECRETS_DIR says so', async () => {
  await expect(read(['token'], false, null)).rejects.toThrow('this worker has no SECRETS_DIR');
});
