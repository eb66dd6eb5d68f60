import { expect, test } from '@jest/globals';
import { readRules } from '../../../app/rules/read-rules.ts';

const mistakesOf = (text: string) => {
  const read = readRules(text);
  return 'mistakes' in read ? read.mistakes : [];
};

test('every key of the design is read', () => {
  const read = readRules(`images:
  - name: web
    image: registry.example.com/acme/web
    context: .
    dockerfile: Dockerfile
    target: runtime
    args: { NODE_VERSION: "22", DEBUG: true, LEVEL: 3 }
    secrets: [npm_token]
    ssh: [default, deploy-key]
    platforms: [linux/amd64, linux/arm64]
    on: { branches: [main, "release/**"], tags: ["v*"], pull_requests: true }
    paths: ["web/**", "!**/*.md"]
    tags: |
      type=sha,format=long,prefix=
      type=ref,event=branch
    flavor: latest=false
    labels: { maintainer: acme }
    test: { target: test }
    timeout: 30m
    cancel_superseded: false
    reuse: false
`);
  expect(read).toMatchObject({
    rules: [
      {
        name: 'web',
        args: { NODE_VERSION: '22', DEBUG: true, LEVEL: 3 },
        reuse: false,
        ssh: ['default', 'deploy-key'],
      },
    ],
  });
});

test('a list with one nearly empty rule has the defaults', () => {
  expect(readRules('images:\n  - target: a\n')).toEqual({
    locate: expect.any(Function),
    notify: [],
    rules: [
      {
        ...{ target: 'a', context: '.', dockerfile: 'Dockerfile', args: {}, secrets: [] },
        ...{ ssh: [], platforms: [], cancel_superseded: false, reuse: true },
      },
    ],
  });
});

test('who is told of ends is read, with its defaults', () => {
  const file = `images: [{ target: a }]
notify:
  - url: https://ci.example.com:8443/hook?key=1
  - { url: http://hooks.internal, format: slack, on: [failed, errored] }
  - { url: https://keel.example.com, format: dockerhub, on: [succeeded] }
`;
  expect(readRules(file)).toMatchObject({
    notify: [
      { url: 'https://ci.example.com:8443/hook?key=1', format: 'slipway' },
      { url: 'http://hooks.internal', format: 'slack', on: ['failed', 'errored'] },
      { url: 'https://keel.example.com', format: 'dockerhub', on: ['succeeded'] },
    ],
  });
});

test('an unknown key is a mistake on its line that says what is allowed', () => {
  const [mistake, ...others] = mistakesOf('images:\n  - name: web\n    dockerfil: x\n');
  expect(others).toEqual([]);
  expect(mistake).toMatchObject({ line: 3, column: 5, key: 'images[0].dockerfil' });
  expect(mistake?.message).toContain('dockerfile');
  expect(mistakesOf('images:\n  - on: { branchs: [main] }\n')[0]).toMatchObject({
    line: 2,
    column: 11,
    message: '“branchs” is no key here; allowed are branches, tags, pull_requests.',
  });
  expect(mistakesOf('image: []\n')[0]?.message).toContain('images');
});

const told = (target: string) => `images: [{ target: a }]\nnotify: [{ ${target} }]\n`;

test.each([
  ['a wrong kind', 'images:\n  - name: web\n    reuse: 7\n', 3, 'It must be true or false.'],
  ['a list that is none', 'images:\n  - secrets: token\n', 2, 'It must be a list.'],
  [
    'an ssh agent',
    'images:\n  - ssh: [a/b]\n',
    2,
    '“a/b” is no id of an ssh agent; it must be 1 to',
  ],
  ['a time', 'images:\n  - timeout: soon\n', 2, 'It must be a time such as 90s, 30m or 2h.'],
  ['a path outside', 'images:\n  - context: ../x\n', 2, 'It must be a path inside the repository'],
  ['two tests', 'images:\n  - test: { target: a, command: [b] }\n', 2, 'exactly one of target'],
  ['no images', 'images: []\n', 1, 'It must have at least 1 entries.'],
  ['a URL with a password', told('url: "https://a:b@c/"'), 2, 'without user name and password'],
  ['a URL that is none', told('url: hooks'), 2, 'It must be a URL such as https://'],
  ['a host that is none', told('url: "https://[::g]/"'), 2, 'It must be a URL with a host'],
  ['a format', told('url: "https://c", format: xml'), 2, 'one of slipway, dockerhub, slack'],
  ['an end', told('url: "https://c", on: [done]'), 2, 'one of succeeded, failed, errored'],
  [
    'an end that Docker Hub does not know',
    told('url: "https://c", format: dockerhub, on: [failed]'),
    2,
    'It must be [succeeded], since format dockerhub',
  ],
  ['an empty file', '', 1, 'It must be a mapping of keys to values.'],
  ['broken YAML', 'images:\n  - a: [\n', 3, 'This is no YAML'],
  ['a tab', 'images:\n\t- a: b\n', 2, 'This is no YAML'],
  ['a double key', 'images:\n  - name: a\n    name: b\n', 3, '“name” stands here twice.'],
  ['a missing name', 'images:\n  - name: a\n  - target: b\n', 3, 'It needs a name'],
  ['a name twice', 'images:\n  - name: a\n  - name: a\n', 3, 'called “a” already'],
])('%s is a mistake on its line', (_what, text, line, message) => {
  const [mistake] = mistakesOf(text);
  expect(mistake?.line).toBe(line);
  expect(mistake?.message).toContain(message);
});

const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
  .split('')
  .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`)
  .join('\n')}\nimages: *j\n`;

test.each([
  ['too large', `# ${'x'.repeat(70_000)}\nimages: []\n`],
  ['an alias bomb', bomb],
  ['deep lists', `images: ${'['.repeat(30_000)}`],
  ['deep mappings', `images: ${'{a: '.repeat(10_000)}`],
  ['deep block lists', `images:\n${'- '.repeat(30_000)}x\n`],
  ['deep indentation', Array.from({ length: 350 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['many keys', `images:\n${Array.from({ length: 5_000 }, (_, i) => `  k${i}: 1`).join('\n')}\n`],
  ['quotes', `images: ${'"'.repeat(60_001)}`],
  ['question marks', `${'? '.repeat(30_000)}\n`],
  ['an anchor in itself', 'images: &a [*a]\n'],
  ['a prototype', 'images:\n  - __proto__: { name: x }\n    constructor: y\n'],
  ['NUL and lone surrogates', 'images:\n  - name: "\\0\\uD800"\n'],
  ['a binary file', Buffer.from(Array.from({ length: 4_000 }, (_, i) => i % 256)).toString()],
])('%s is refused within a second', (_what, text) => {
  const start = performance.now();
  expect(mistakesOf(text).length).toBeGreaterThan(0);
  expect(performance.now() - start).toBeLessThan(1_000);
});
