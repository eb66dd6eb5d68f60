import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { checkOut } from '../../../worker/git/checkout.ts';
import type { FileContent } from '../../github/git-write.ts';
import { type GitHub, startGitHub } from '../../github/github.ts';
import type { Repository } from '../../github/repository.ts';
import { mirrorsIn } from './mirrors-in.ts';

jest.setTimeout(60_000);

let github: GitHub;
let folder: string;
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-checkout-'));
  github = await startGitHub({ webhookSecret: 'secret' });
});
afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await rm(folder, { recursive: true });
});

let number = 0;
const name = (): string => {
  number += 1;
  return `repo-${number}`;
};

async function repository(files: Record<string, FileContent>, owner = 'acme') {
  const repo = await github.createRepository(owner, name());
  return { repo, sha: await repo.commit({ branch: 'main', files }) };
}

const modules = (entries: Record<string, string>): string =>
  Object.entries(entries)
    .map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`)
    .join('');

/** Checks a commit out as a worker does, of a repository that needs no token. */
async function out(repo: Repository, sha: string, path = process.env.PATH ?? '') {
  const lines: string[] = [];
  const url = repo.cloneUrl;
  const at = await mkdtemp(join(folder, 'out-'));
  const grantSubmodules = async () => ({ url, token: null });
  const onLine = (text: string) => void lines.push(text);
  const local = { path, home: join(at, 'home') };
  const access = async () => ({ url, token: null, ...local });
  const mirrors = mirrorsIn(folder);
  const tools = { mirrors, renewAccess: access, grantSubmodules, onLine, signal };
  const request = { repositoryId: repo.id, sha, local, folder: at, needsFolder: true };
  await mkdir(local.home);
  const checkout = await checkOut(access, request, tools);
  const written = checkout.folder ?? '';
  const read = (file: string) => readFile(join(written, file), 'utf8');
  const all = await readdir(written, { recursive: true });
  return { ...checkout, at, lines, read, all };
}

describe('submodules', () => {
  test('at the recorded commit, nested, whatever kind of URL names them, without .git', async () => {
    const inner = await repository({ 'inner.txt': 'inner' });
    const lib = await repository({
      'lib.txt': 'old',
      '.gitmodules': modules({ 'deep/inner': `../${inner.repo.fullName.split('/')[1]}.git` }),
      'deep/inner': { submodule: inner.sha },
    });
    await lib.repo.commit({ branch: 'main', files: { 'lib.txt': 'new' } });
    const { host, hostname } = new URL(github.url);
    const full = lib.repo.fullName;
    const urls = {
      relative: `../../${full}.git`,
      'with-http': `http://${host}/${full}`,
      'with password': `http://mallory:hunter2@${host}/${full}.git`,
      scp: `git@${hostname}:${full}.git`,
      ssh: `ssh://git@${hostname}/${full}.git/`,
      'ssh-port': `ssh://git@ssh.${hostname}:443/${full}.git`,
    };
    const main = await repository({
      Dockerfile: 'FROM scratch\n',
      '.gitmodules': modules(urls),
      ...Object.fromEntries(Object.keys(urls).map((path) => [path, { submodule: lib.sha }])),
    });
    const checkout = await out(main.repo, main.sha);
    for (const path of Object.keys(urls)) {
      expect(await checkout.read(`${path}/lib.txt`)).toBe('old');
      expect(await checkout.read(`${path}/deep/inner/inner.txt`)).toBe('inner');
    }
    expect(checkout.all.filter((path) => /(^|\/)\.git$/.test(path))).toEqual([]);
    expect(checkout.lines.join('\n')).toContain(`${lib.sha} of the submodule relative (`);
    expect(checkout.lines.join('\n')).not.toContain('hunter2');
  });

  test('a folder stays empty without .gitmodules, with update = none, or unnamed', async () => {
    const sha = 'a'.repeat(40);
    const bare = await repository({ Dockerfile: 'x', lib: { submodule: sha } });
    expect((await out(bare.repo, bare.sha)).all.sort()).toEqual(['Dockerfile', 'lib']);
    const named = await repository({
      '.gitmodules': `${modules({ lib: '../x' })}\tupdate = none\n`,
      lib: { submodule: sha },
      other: { submodule: sha },
    });
    const { all, lines } = await out(named.repo, named.sha);
    expect(all.sort()).toEqual(['.gitmodules', 'lib', 'other']);
    expect(lines).toEqual([
      'The folder of the submodule lib stays empty: .gitmodules has update = none',
      'The folder of the submodule other stays empty: .gitmodules does not name it',
    ]);
  });

  const refused = async (url: string, more: Record<string, FileContent> = {}, path = 'lib') => {
    const files = {
      '.gitmodules': modules({ [path]: url }),
      [path]: { submodule: sha40 },
      ...more,
    };
    const { repo, sha } = await repository(files);
    return out(repo, sha);
  };
  const sha40 = 'b'.repeat(40);

  test.each([
    'https://example.com/acme/lib.git',
    'http://169.254.169.254/latest/meta-data',
    'http://127.0.0.1:1/acme/lib',
    'http://user:hunter2@localhost/acme/lib',
    'file:///etc',
    '/etc',
    'lib',
    '../../../../etc/passwd',
    './below',
    'ext::sh -c "touch /tmp/x"',
    '-u./x:acme/lib',
    'git@example.com:acme/lib.git',
    'ssh://-oProxyCommand=x/acme/lib',
  ])('%s is refused with a sentence', async (url) => {
    const sentence = refused(url.replace(/"/g, '\\"'));
    await expect(sentence).rejects.toMatchObject({ name: 'BuildFailed' });
    await expect(sentence).rejects.toThrow(
      /^The submodule lib \(.*\) cannot be fetched: only repo/,
    );
    await expect(sentence).rejects.toThrow(/^((?!hunter2).)*$/);
  });

  test('a repository or a commit that is not there is a sentence', async () => {
    await expect(refused('../nowhere.git')).rejects.toThrow(
      /^The submodule lib \(\.\.\/nowhere\.git\) cannot be fetched: the repository is not there, or/,
    );
    const lib = await repository({ a: 'a' });
    await expect(refused(`../../${lib.repo.fullName}`)).rejects.toThrow(
      `the repository has no commit ${sha40}`.replace('the', 'its'),
    );
  });

  test('a chain that never ends is a sentence', async () => {
    let below = await repository({ a: 'a' });
    for (let depth = 0; depth < 6; depth += 1) {
      below = await repository({
        '.gitmodules': modules({ x: `../../${below.repo.fullName}` }),
        x: { submodule: below.sha },
      });
    }
    await expect(out(below.repo, below.sha)).rejects.toThrow(
      /^The submodule x\/x\/x\/x\/x\/x \(.*\) cannot be fetched: submodules may be nested 5 deep\./,
    );
  });

  test('a .gitmodules that is a link or broken, and paths that lead elsewhere', async () => {
    const linked = await repository({
      '.gitmodules': { symlink: 'm' },
      m: modules({ lib: 'https://example.com/a/b' }),
      lib: { submodule: sha40 },
    });
    await expect(out(linked.repo, linked.sha)).rejects.toThrow(
      'git refuses to write .gitmodules, a name or a link that could do harm.',
    );
    await expect(refused('../x', { '.gitmodules': '[submodule "lib\n' })).rejects.toThrow(
      /^\.gitmodules cannot be read: /,
    );
    const lib = await repository({ 'lib.txt': 'x' });
    const url = `../../${lib.repo.fullName}`;
    const sha = lib.sha;
    const outside = await repository({
      '.gitmodules': `[submodule "a"]\npath = ../out\nurl = ${url}\n[submodule "../../b"]\npath = b\nurl = ${url}\n`,
      b: { submodule: sha },
    });
    const { at, all } = await out(outside.repo, outside.sha);
    expect(all).toContain('b/lib.txt');
    expect(existsSync(join(at, 'out'))).toBe(false);
    expect((await readdir(at)).sort()).toEqual(['git', 'home', 'modules', 'tree']);
  });
});

describe('Git LFS', () => {
  const attributes = '*.bin filter=lfs diff=lfs merge=lfs -text\n';

  test('content takes the place of pointers, in submodules too; others stay as they are', async () => {
    const lib = await github.createRepository('acme', name());
    const inLib = lib.largeFile('large in lib');
    const libSha = await lib.commit({ files: { '.gitattributes': attributes, 'l.bin': inLib } });
    const repo = await github.createRepository('acme', name());
    const big = Buffer.alloc(3_000_000, 'large');
    const pointer = repo.largeFile(big);
    const sha = await repo.commit({
      files: {
        'assets/.gitattributes': attributes,
        'assets/big.bin': { content: pointer, mode: '100755' },
        'assets/same again é.bin': pointer,
        'assets/plain.bin': 'no pointer',
        'assets/link.bin': { symlink: 'big.bin' },
        'elsewhere.bin': pointer,
        '.lfsconfig': '[lfs]\n\turl = http://127.0.0.1:1/lfs\n\tfetchexclude = *\n',
        '.gitmodules': modules({ lib: `../../${lib.fullName}` }),
        lib: { submodule: libSha },
      },
    });
    const { read, lines } = await out(repo, sha);
    expect(await read('assets/big.bin')).toBe(big.toString());
    expect(await read('assets/same again é.bin')).toBe(big.toString());
    expect(await read('assets/plain.bin')).toBe('no pointer');
    expect(await read('elsewhere.bin')).toBe(pointer);
    expect(await read('lib/l.bin')).toBe('large in lib');
    expect(lines).toContain('Fetching 2 files of 6000000 bytes from Git LFS');
  });

  const committed = async (pointer: string) =>
    repository({ '.gitattributes': attributes, 'a.bin': pointer });
  const pointerTo = (size: number): string =>
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'c'.repeat(64)}\nsize ${size}\n`;

  test('content that is not there is the repository’s fault', async () => {
    const { repo, sha } = await committed(pointerTo(12));
    const sentence = out(repo, sha);
    await expect(sentence).rejects.toMatchObject({ name: 'BuildFailed' });
    await expect(sentence).rejects.toThrow(
      /^Git LFS does not give a file of this commit: .*a\.bin/,
    );
  });

  test('files that are too large are refused before they are fetched', async () => {
    const one = await committed(pointerTo(6e9));
    await expect(out(one.repo, one.sha)).rejects.toThrow(
      'The Git LFS file a.bin has 6000000000 bytes, and 5368709120 are the most.',
    );
    const files = Array.from({ length: 5 }, (_, n) => [`${n}.bin`, pointerTo(5e9)]);
    const all = await repository({ '.gitattributes': attributes, ...Object.fromEntries(files) });
    await expect(out(all.repo, all.sha)).rejects.toThrow(/have 25000000000 bytes together/);
    expect(github.gitRequests.filter(({ path }) => path.includes(all.repo.fullName)).length).toBe(
      github.gitRequests.filter(
        ({ path }) => path.includes(all.repo.fullName) && !path.includes('lfs'),
      ).length,
    );
  });

  test('other content than the commit names is not built', async () => {
    const repo = await github.createRepository('acme', name());
    const pointer = repo.largeFile('right');
    const [oid] = /[0-9a-f]{64}/.exec(pointer) ?? [''];
    repo.state.largeFiles.set(oid, Buffer.from('wrong'));
    const sha = await repo.commit({ files: { '.gitattributes': attributes, 'a.bin': pointer } });
    await expect(out(repo, sha)).rejects.toThrow(
      /^Git LFS does not give a file of this commit: .*a\.bin.*expected OID/,
    );
  });

  test('a worker without git-lfs says so', async () => {
    const { repo, sha } = await committed(pointerTo(1));
    const path = await mkdtemp(join(folder, 'path-'));
    await symlink('/usr/bin/git', join(path, 'git'));
    const sentence = out(repo, sha, path);
    await expect(sentence).rejects.toMatchObject({ name: 'EngineFailed' });
    await expect(sentence).rejects.toThrow('this worker lacks the program git-lfs');
  });
});
