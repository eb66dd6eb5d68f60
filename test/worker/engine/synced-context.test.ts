import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { syncedContext, syncedDockerfile } from '../../../worker/engine/synced-entries.ts';
import { buildContext } from '../../../worker/git/context.ts';
import { folderTree } from '../../../worker/git/folder-tree.ts';
import { ignoreFiles, tree } from '../git/ignore-corpus.ts';
import { plant } from '../git/plant.ts';
import { type ImageEntry, imageEntries } from './image-entries.ts';
import { removeImages, tryBuild, uniqueName } from './real-engine.ts';

let folder: string;
const made: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-synced-'));
});
afterAll(async () => {
  await removeImages(made);
  await rm(folder, { recursive: true });
});

type Outcome = { entries: ImageEntry[] } | { refused: string };

/** What comes into an image with Debian's own command. */
async function theirs(context: string): Promise<Outcome> {
  const tag = `${uniqueName('theirs')}:latest`;
  const command = process.env.SLIPWAY_TEST_DOCKER_COMMAND ?? '/usr/bin/docker';
  const { failed, stderr } = await execa(command, ['build', '--tag', tag, context], {
    env: {
      DOCKER_BUILDKIT: '1',
      DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST,
      DOCKER_CONFIG: folder,
    },
    reject: false,
  });
  if (failed) return { refused: stderr };
  made.push(tag);
  return { entries: await imageEntries(tag) };
}

/** What comes into an image with us. */
async function ours(from: string): Promise<Outcome> {
  try {
    const files = await folderTree(from, { id: '', committedAt: new Date(1_700_000_000_000) });
    const context = await buildContext(files, { context: '.', dockerfile: 'Dockerfile' });
    const built = await tryBuild('', { context });
    if (built.error) return { refused: String(built.error) };
    made.push(built.tag);
    return { entries: await imageEntries(built.tag) };
  } catch (error) {
    return { refused: String(error) };
  }
}

/**
 * Where docker 20.10 sends a folder in which nothing is left. Neither BuildKit of today nor we do:
 * a folder that is ignored comes along only for what an exception keeps in it.
 */
const emptyFolders: Record<string, string[]> = { 'an exception by a star in the middle': ['src/'] };

/** Ignore files that say something only of a folder's mode. */
const asked = { ...ignoreFiles, 'all but a file in a closed folder': '*\n!closed/inner\n' };

/** So many builds run at once. */
const atOnce = 4;

const names = Object.keys(asked) as (keyof typeof asked)[];
const parts = Array.from({ length: Math.ceil(names.length / atOnce) }, (_, part) =>
  names.slice(part * atOnce, (part + 1) * atOnce),
);

describe('what BuildKit is sent is what docker build sends', () => {
  test.each(parts.map((part) => [part.join(', '), part] as const))('%s', async (_, part) => {
    const outcomes = await Promise.all(
      part.map(async (name) => {
        const context = await mkdtemp(join(folder, 'context-'));
        await plant(context, { ...tree, Dockerfile: 'FROM scratch\nCOPY . /\n' });
        await writeFile(join(context, '.dockerignore'), asked[name] ?? '');
        return { name, theirs: await theirs(context), ours: await ours(context) };
      }),
    );
    for (const { name, theirs, ours } of outcomes) {
      if ('refused' in theirs) {
        expect({ name, refused: theirs.refused }).toMatchObject({
          refused: expect.stringMatching(/syntax error in pattern|illegal exclusion pattern/),
        });
        expect(ours).toMatchObject({ refused: expect.stringContaining('cannot be used') });
      } else {
        const empty = emptyFolders[name] ?? [];
        const without = theirs.entries.filter((entry) => !empty.includes(entry.name));
        expect({ name, ...ours }).toEqual({ name, entries: without });
        expect(theirs.entries.length - without.length).toBe(empty.length);
      }
    }
  });
});

test('folders on the way to what is kept are told of as they are', async () => {
  const context = await mkdtemp(join(folder, 'context-'));
  await plant(context, {
    'docker/Dockerfile': 'FROM scratch\n',
    '.dockerignore': '*\n!closed/inner\n',
    'closed/inner': 'y',
    'closed/': { mode: 0o700 },
  });
  const files = await folderTree(context, { id: '', committedAt: new Date(1_700_000_000_000) });
  const recipe = { context: '.', dockerfile: 'docker/Dockerfile' };
  const built = await buildContext(files, recipe);
  const [closed, inner, ...others] = syncedContext(built);
  expect(closed?.stat).toMatchObject({ path: 'closed', mode: 2 ** 31 + 0o700 });
  expect(closed?.stat.modTime).toEqual(inner?.stat.modTime);
  expect(inner).toMatchObject({ stat: { path: 'closed/inner', mode: 0o644, size: 1 } });
  expect(others).toEqual([]);
  const paths = syncedDockerfile(built).map(({ stat }) => stat.path);
  expect(paths).toEqual(['docker', 'docker/Dockerfile']);
});
