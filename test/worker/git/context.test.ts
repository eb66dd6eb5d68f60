import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { extract } from 'tar-stream';
import { buildContext } from '../../../worker/git/context.ts';
import { contextTar } from '../../../worker/git/context-tar.ts';
import { folderTree } from '../../../worker/git/folder-tree.ts';
import { entriesOf, startContextCatcher } from './docker-command.ts';
import { corrected, ignoreFiles, tree } from './ignore-corpus.ts';
import { type Planted, plant } from './plant.ts';

jest.setTimeout(60_000);

let folder: string;
let context: string;
let docker: Awaited<ReturnType<typeof startContextCatcher>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-context-'));
  context = join(folder, 'context');
  await plant(context, tree);
  docker = await startContextCatcher(folder);
});
afterAll(async () => {
  await docker.stop();
  await rm(folder, { recursive: true });
});

const committedAt = new Date('2026-03-04T05:06:07Z');

const recipe = { context: '.', dockerfile: 'Dockerfile' };

/** What we send; a refusal is its sentence. */
async function ours(wanted = recipe, from = context) {
  try {
    const context = await buildContext(await folderTree(from, { id: '', committedAt }), wanted);
    return { entries: await entriesOf(contextTar(context)), dockerfile: context.dockerfile };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

const names = (sent: Awaited<ReturnType<typeof ours>>): string[] =>
  sent.entries?.map(({ name }) => name) ?? [sent.refused ?? ''];

describe('what docker sends with .dockerignore', () => {
  // Not compared: uid, gid (docker sends 0 and so do we) and the times, which are the commit's.
  test.each(Object.entries(ignoreFiles))('%s', async (_, text) => {
    await writeFile(join(context, '.dockerignore'), text);
    const [theirs, mine] = [await docker.send(context), await ours()];
    if ('refused' in theirs) {
      expect(theirs.refused).toMatch(/syntax error in pattern|illegal exclusion pattern/);
      expect(mine.refused).toMatch(/^\.dockerignore cannot be used: the pattern “/);
    } else expect(mine).toEqual(theirs);
  });

  // Debian's docker is of 2022; these it answers otherwise than the docker of today (28.2).
  test.each(corrected)('as docker does today: $why', async ({ text, gone }) => {
    await writeFile(join(context, '.dockerignore'), '');
    const all = names(await ours());
    await writeFile(join(context, '.dockerignore'), text);
    const left = names(await ours());
    expect(all.filter((name) => !left.includes(name))).toEqual(gone);
    expect(await docker.send(context)).not.toEqual(await ours());
  });
});

describe('what docker sends otherwise', () => {
  const planted = async (files: Planted): Promise<string> => {
    const at = await mkdtemp(join(folder, 'case-'));
    await plant(at, files);
    return at;
  };

  test('a Dockerfile that is a link is built from where it really lies', async () => {
    const at = await planted({
      Dockerfile: { link: 'build/real' },
      'build/real': 'FROM scratch\n',
      '.dockerignore': 'build\nDockerfile\n',
      large: { mode: 0o755 },
    });
    await writeFile(join(at, 'large'), Buffer.alloc(300_000, 'x'));
    const theirs = await docker.send(at);
    expect(theirs).toMatchObject({ dockerfile: 'build/real' });
    expect(await ours(undefined, at)).toEqual(theirs);
  });

  test('a folder below, another Dockerfile and a context that is a link', async () => {
    const at = await planted({
      'web/docker/Dockerfile': 'FROM scratch\n',
      'web/.dockerignore': 'docker\n*.md\n',
      'web/a.md': 'a',
      'web/b.txt': 'b',
      '.dockerignore': '*\n',
      site: { link: 'web' },
    });
    const theirs = await docker.send(join(at, 'site'), '-f', join(at, 'site/docker/Dockerfile'));
    expect(theirs).toMatchObject({ dockerfile: 'docker/Dockerfile' });
    for (const context of ['web', './web/', 'site'])
      expect(await ours({ context, dockerfile: 'docker/Dockerfile' }, at)).toEqual(theirs);
  });

  test('a Dockerfile’s own ignore file comes first, as in BuildKit', async () => {
    const at = await planted({
      Dockerfile: 'FROM scratch\n',
      'web.Dockerfile': 'FROM scratch\n',
      'web.Dockerfile.dockerignore': 'a.txt\n',
      '.dockerignore': 'b.txt\n',
      'a.txt': 'a',
      'b.txt': 'b',
    });
    const sent = names(await ours({ context: '.', dockerfile: 'web.Dockerfile' }, at));
    expect(sent).toContain('b.txt');
    expect(sent).not.toContain('a.txt');
    expect(names(await ours(undefined, at))).not.toContain('b.txt');
  });

  test('every time is the commit’s, every owner root', async () => {
    const at = await planted({ Dockerfile: 'FROM scratch\n', 'a/b': 'b', c: { link: 'a' } });
    const tar = contextTar(
      await buildContext(await folderTree(at, { id: '', committedAt }), recipe),
    );
    const headers = [];
    for await (const entry of pipeline(tar, extract(), () => {})) {
      headers.push(entry.header);
      entry.resume();
    }
    expect(headers).toHaveLength(4);
    for (const header of headers)
      expect(header).toMatchObject({ uid: 0, gid: 0, mtime: committedAt });
  });
});

describe('what a repository cannot reach', () => {
  const secret = 'outside the checkout';
  const refusals: [string, Planted, { context?: string; dockerfile?: string }, string][] = [
    ['a context above', {}, { context: '../..' }, '../.. leads out of the repository'],
    ['a context that is a link', { out: { link: '..' } }, { context: 'out' }, 'out leads out'],
    ['a context that is no folder', { a: 'a' }, { context: 'a' }, 'There is no folder a'],
    ['a context that is missing', {}, { context: 'b' }, 'There is no folder b'],
    ['a Dockerfile above', {}, { dockerfile: '../secret' }, '../secret leads out'],
    ['a Dockerfile link', { D: { link: '../secret' } }, { dockerfile: 'D' }, 'D leads out of'],
    ['an absolute link', { D: { link: '/etc/passwd' } }, { dockerfile: 'D' }, 'D leads out of'],
    ['a chain', { a: { link: '..' }, D: { link: 'a/secret' } }, { dockerfile: 'D' }, 'D leads out'],
    ['a circle', { D: { link: 'D' } }, { dockerfile: 'D' }, 'There is no D in this commit.'],
    ['a folder', { 'D/x': 'x' }, { dockerfile: 'D' }, 'D is not a file.'],
    [
      'a Dockerfile beside the context',
      { 'c/D': { link: '../D' }, D: 'FROM scratch\n' },
      { context: 'c', dockerfile: 'D' },
      'D leads out of the context c',
    ],
    ['an ignore file', { '.dockerignore': { link: '../secret' } }, {}, '.dockerignore leads out'],
    [
      'an ignore file of too many patterns',
      { '.dockerignore': 'a\n'.repeat(10_001) },
      {},
      '.dockerignore has more than 10000 patterns',
    ],
    ['a large one', { '.dockerignore': 'a'.repeat(300_000) }, {}, 'larger than 256 KiB'],
    ['a long one', { '.dockerignore': 'a'.repeat(5_000) }, {}, 'is too long'],
    ['a large Dockerfile', { Dockerfile: '#'.repeat(2e6) }, {}, 'larger than 1024 KiB'],
  ];

  test.each(refusals)('%s', async (_, files, part, sentence) => {
    const above = await mkdtemp(join(folder, 'refused-'));
    await writeFile(join(above, 'secret'), secret);
    await plant(join(above, 'tree'), { Dockerfile: 'FROM scratch\n', ...files });
    const { refused } = await ours({ ...recipe, ...part }, join(above, 'tree'));
    expect(refused).toContain(sentence);
    expect(refused).not.toContain(secret);
  });

  test('links that lead out are sent as links', async () => {
    const at = await mkdtemp(join(folder, 'links-'));
    await plant(at, {
      Dockerfile: 'FROM scratch\n',
      p: { link: '/etc/passwd' },
      up: { link: '..' },
    });
    const { entries } = await ours(undefined, at);
    expect(entries?.slice(1)).toMatchObject([
      { name: 'p', type: 'symlink', size: 0, link: '/etc/passwd' },
      { name: 'up', type: 'symlink', size: 0, link: '..' },
    ]);
  });

  test('a name that is not UTF-8 ends the tar with a sentence', async () => {
    const at = await mkdtemp(join(folder, 'bytes-'));
    await plant(at, { Dockerfile: 'FROM scratch\n' });
    await writeFile(Buffer.concat([Buffer.from(`${at}/caf`), Buffer.from([0xe9])]), 'x');
    expect((await ours(undefined, at)).refused).toContain('is not UTF-8');
  });

  test('a pattern that would take other engines for ever takes no time', async () => {
    const at = await mkdtemp(join(folder, 'slow-'));
    await plant(at, {
      Dockerfile: 'FROM scratch\n',
      '.dockerignore': `${'*a'.repeat(200)}b\n${'**/'.repeat(200)}x\n${'a?*'.repeat(100)}z\n${`x${' '.repeat(4_000)}x\n`.repeat(40)}`,
      ['a'.repeat(250)]: 'a',
    });
    const started = Date.now();
    expect(names(await ours(undefined, at))).toHaveLength(3);
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});
