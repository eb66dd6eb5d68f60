import { describe, expect, test } from '@jest/globals';
import { cloneUrlBeside, readSubmodules, repositoryOf, shownUrl } from '../../queue/submodules.ts';

describe('the repository that a submodule’s URL means', () => {
  const gitHub = 'https://github.com/acme/app.git';
  const local = 'http://localhost:3000/git/acme/app.git';
  const server = 'http://ghe.example:8080/acme/app.git';

  test.each([
    [gitHub, 'https://github.com/acme/lib.git', 'acme/lib'],
    [gitHub, 'https://github.com/acme/lib', 'acme/lib'],
    [gitHub, 'https://github.com/acme/lib.git/', 'acme/lib'],
    [gitHub, 'https://GitHub.com/Other/Lib.js', 'Other/Lib.js'],
    [gitHub, 'https://github.com:443/acme/lib', 'acme/lib'],
    [gitHub, 'https://x:y@github.com/acme/lib', 'acme/lib'],
    [gitHub, 'http://github.com/acme/lib', 'acme/lib'],
    [gitHub, 'git://github.com/acme/lib.git', 'acme/lib'],
    [gitHub, 'git@github.com:acme/lib.git', 'acme/lib'],
    [gitHub, 'github.com:acme/lib.git', 'acme/lib'],
    [gitHub, 'git@github.com:/acme/lib.git', 'acme/lib'],
    [gitHub, 'ssh://git@github.com/acme/lib.git', 'acme/lib'],
    [gitHub, 'ssh://git@ssh.github.com:443/acme/lib.git', 'acme/lib'],
    [gitHub, 'git+ssh://git@github.com/acme/lib', 'acme/lib'],
    [gitHub, '../lib.git', 'acme/lib'],
    [gitHub, '../lib/', 'acme/lib'],
    [gitHub, '../../other/lib', 'other/lib'],
    [gitHub, './../lib', 'acme/lib'],
    [gitHub, '../.github', 'acme/.github'],
    [server, 'http://ghe.example:8080/acme/lib', 'acme/lib'],
    [server, 'git@ghe.example:acme/lib', 'acme/lib'],
    [server, 'http://ghe.example/acme/lib', null],
    [local, 'http://localhost:3000/git/acme/lib.git', 'acme/lib'],
    [local, '../lib.git', 'acme/lib'],
    [local, 'http://localhost:3000/acme/lib.git', null],
    [local, 'http://localhost:3000/gitacme/lib.git', null],
    [local, 'http://localhost:6379/git/acme/lib.git', null],
    [gitHub, 'https://github.com.evil.example/acme/lib', null],
    [gitHub, 'https://github.com@evil.example/acme/lib', null],
    [gitHub, 'https://evil.example/github.com/acme/lib', null],
    [gitHub, 'https://github.com:8443/acme/lib', null],
    [gitHub, 'git@evil.example:acme/lib', null],
    [gitHub, 'git@gist.github.com:acme/lib', null],
    [gitHub, 'https://github.com/acme/lib/../../../x/y', 'x/y'],
    [gitHub, 'https://github.com/acme/lib/tree', null],
    [gitHub, 'https://github.com/acme', null],
    [gitHub, 'https://github.com/acme/..', null],
    [gitHub, 'https://github.com/acme/%2e%2e', null],
    [gitHub, 'https://github.com/-acme/lib', null],
    [gitHub, 'https://github.com/acme/lib?x=y', 'acme/lib'],
    [gitHub, '../..', null],
    [gitHub, '../../../lib', null],
    [gitHub, '../../../../x/y', null],
    [gitHub, './lib', null],
    [gitHub, '/acme/lib', null],
    [gitHub, 'file:///acme/lib', null],
    [gitHub, 'ftp://github.com/acme/lib', null],
    [gitHub, 'ext::sh', null],
    [gitHub, '', null],
  ])('of %s, %s', (parent, url, expected) => {
    expect(repositoryOf(parent, url)).toBe(expected);
  });

  test('is cloned beside its parent', () => {
    expect(cloneUrlBeside(gitHub, 'other/lib')).toBe('https://github.com/other/lib.git');
    expect(cloneUrlBeside(local, 'acme/lib')).toBe('http://localhost:3000/git/acme/lib.git');
  });
});

test('a URL is shown without its password', () => {
  expect(shownUrl('https://me:hunter2@example.com/x')).toBe('https://example.com/x');
  expect(shownUrl('https://a@b:c@d@example.com/x')).toBe('https://example.com/x');
  expect(shownUrl('git@example.com:x')).toBe('git@example.com:x');
  expect(shownUrl(`x\u001b[31m${'y'.repeat(300)}`)).toMatch(/^x\?\[31my{194}…$/);
});

test('reads what git prints of a .gitmodules', () => {
  const listing = [
    'submodule.lib.path\nvendor/lib/',
    'submodule.lib.url\n../lib.git',
    'submodule.a.b.c.path\nabc',
    'submodule.a.b.c.url\nfirst',
    'submodule.a.b.c.url\nlast',
    'submodule.a.b.c.update\nnone',
    'submodule.no-url.path\nx',
    'submodule.no-path.url\ny',
    'submodule.with\nline.path\nz',
    'core.bare\ntrue',
    'submodule.flag.path',
    '',
  ].join('\0');
  expect(readSubmodules(listing)).toEqual([
    { path: 'vendor/lib', url: '../lib.git', isWanted: true },
    { path: 'abc', url: 'last', isWanted: false },
  ]);
});
