import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Entry, openPlanning } from './plan-text.ts';

let planning: Awaited<ReturnType<typeof openPlanning>>;
beforeAll(async () => {
  planning = await openPlanning();
  // The first of everything is compiled by the engine, which is not what is measured.
  await planning.plan('images:\n  - tags: "{{sha}}"\n    on: { branches: [main] }\n');
});
afterAll(() => planning.close());

const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
  .split('')
  .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`)
  .join('\n')}\nimages: *j\n`;
const repeat = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('');
const one = (lines: string) => `images:\n  - name: a\n${lines}`;
const expression = (text: string) => one(`    labels: ['a=${text}']\n`);
const parts = repeat(9, (i) => `{{#*inline "p${i}"}}${`{{>p${i + 1}}}`.repeat(9)}{{/inline}}`);

/** What is wrong: `line:column` and a part of the sentence. */
const refused: [string, Entry, string, string][] = [
  ['an alias bomb', bomb, '1:1', 'anchors and aliases'],
  ['an anchor in itself', 'images: &a [*a]\n', '1:13', 'mapping'],
  [
    'a byte too many',
    `images:\n  - name: a\n#${'x'.repeat(65_536 - 20)}`,
    '1:1',
    'has 65537 bytes',
  ],
  ['deep lists', `images: ${'['.repeat(30_000)}`, '1:1', 'deeper than'],
  ['deep mappings', `images: ${'{a: '.repeat(10_000)}`, '1:1', 'deeper than'],
  ['deep indentation', repeat(350, (i) => `${' '.repeat(i)}a:\n`), '1:1', 'deeper than'],
  ['question marks', `${'? '.repeat(30_000)}\n`, '1:1', 'deeper than'],
  ['a double key', one('    target: x\n    target: y\n'), '4:5', 'stands here twice'],
  ['two kinds of one key', one('    args: { 1: x, "1": y }\n'), '3:19', 'stands here twice'],
  ['a tab', 'images:\n\t- name: a\n', '2:1', 'no YAML'],
  ['no UTF-8', Buffer.from('images:\n  - name: \xe9\n', 'latin1'), '2:11', 'UTF-8'],
  ['UTF-16', Buffer.from('\ufeffimages:\n', 'utf16le'), '1:1', 'UTF-8'],
  ['a NUL', 'images:\n  - name: "a\0b"\n', '2:13', 'U+0000'],
  ['an escape character', 'images:\n  - name: \x1b[31m\n', '2:11', 'U+001B'],
  ['a prototype', 'images:\n  - __proto__: { name: a }\n', '2:5', 'no key'],
  ['an argument’s prototype', one('    args: { __proto__: x }\n'), '3:13', 'no key'],
  ['a constructor', 'images:\n  - constructor: y\n', '2:5', 'no key here'],
  ['a merge', 'x: &x { name: a }\nimages:\n  - <<: *x\n', '3:5', 'no key here'],
  ['YAML 1.1', '%YAML 1.1\n---\nimages:\n  - name: a\n', '1:1', 'YAML 1.2'],
  ['a function', one('    target: !!js/function "function () {}"\n'), '3:13', 'no YAML'],
  ['a list for a key', 'images:\n  - ? [a]\n    : b\n', '2:7', 'must be a text'],
  ['two documents', 'images:\n  - name: a\n---\nimages: []\n', '3:1', 'no YAML'],
  ['looking ahead', one('    paths: ["/(?=a)/"]\n'), '3:13', 'RE2'],
  ['a large regex', one('    on: { branches: ["/(a{30}){30}(b{30}){30}/"] }\n'), '3:22', 'steps'],
  [
    'many large regexes',
    one(`    paths: [${repeat(60, () => '"/[a-z]{900}/", ')}]\n`),
    '3:',
    'large',
  ],
  ['a loop', expression('{{#each this}}x{{/each}}'), '3:5', 'does not work'],
  ['a look-up', expression('{{lookup this "constructor"}}'), '3:5', 'does not work'],
  ['a call', expression('{{this.constructor.constructor "x"}}'), '3:5', 'does not work'],
  ['parts in parts', expression(`${parts}{{>p0}}`), '3:5', 'no partials'],
  ['a part in itself', expression('{{#*inline "a"}}{{>a}}{{/inline}}{{>a}}'), '3:5', 'no partials'],
  ['a huge date', expression(`{{date "${'LLLL'.repeat(200)}"}}`), '3:5', 'gives'],
  [
    'an endless template',
    one(`    labels: { a: '{{date "${'Y'.repeat(2_000)}"}}' }\n`),
    '3:5',
    'characters',
  ],
  ['10,000 lines of tags', one(`    tags: |\n${'     a\n'.repeat(9_000)}`), '3:5', 'at most'],
  ['8,000 lines of tags', one(`    tags: |\n${'     a\n'.repeat(8_000)}`), '3:5', 'allowed are 64'],
  ['many keys', `images:\n${repeat(5_000, (i) => `  k${i}: 1\n`)}`, '1:1', 'tokens'],
  ['quotes', `images: ${'"'.repeat(60_001)}`, '1:1', 'tokens'],
  ['an image of dashes', one(`    image: ${'a-'.repeat(30_000)}\n`), '3:5', 'at most 255'],
  ['nothing', '', '1:1', 'mapping'],
  ['a folder', { mode: '040000' }, '1:1', 'folder'],
  ['a link out of the repository', { mode: '120000' }, '1:1', 'link'],
  ['a submodule', { mode: '160000' }, '1:1', 'submodule'],
];

test.each(refused)('%s is a mistake with a place', async (_what, entry, place, says) => {
  const { builds, took } = await planning.plan(entry);
  const [{ failure = null, state } = {}] = builds;
  expect(state).toBe('failed');
  const [mistake] = failure?.mistakes ?? [];
  expect(mistake?.message).toContain(says);
  expect(`${mistake?.line}:${mistake?.column}`.slice(0, place.length)).toBe(place);
  expect(took).toBeLessThan(1_000);
});

const many = `images:\n${repeat(
  31,
  (i) => `  - name: a${i}\n    tags: |\n${repeat(60, (j) => `      {{sha}}-${j}-{{branch}}\n`)}`,
)}`;

/** What is built, by its tags beside the commit's. */
const built: [string, Entry, string[]][] = [
  ['a byte order mark', `\ufeff${one('    tags: a\n')}`, ['a']],
  ['carriage returns', one('    tags: |\n      a\n      b\n').replaceAll('\n', '\r\n'), ['a', 'b']],
  ['no line break at the end', 'images: [{ tags: a }]', ['a']],
  [
    'a regex that backtracks',
    one('    on: { branches: ["/^(m|a|i|n|ma)+$/"] }\n    tags: a\n'),
    ['a'],
  ],
  ['a name of objects', one('    tags: x{{constructor}}{{__proto__}}{{toString}}\n'), ['x']],
  ['64 KB to the byte', `${one('    tags: a\n')}#${'x'.repeat(65_536 - 33)}`, ['a']],
  [
    'an anchor',
    'images:\n  - { name: a, tags: &t [a, b] }\n  - { name: b, tags: *t }\n',
    ['a', 'b'],
  ],
];

test.each(built)('%s is a rules file as any other', async (_what, entry, tags) => {
  const { builds, took } = await planning.plan(entry);
  expect(builds.length).toBeGreaterThan(0);
  for (const build of builds) {
    expect(build).toMatchObject({ state: 'queued', wantedTags: ['<commit>', ...tags] });
  }
  expect(took).toBeLessThan(1_000);
});

test('1,860 templates of 31 images keep the process no longer than a moment at a time', async () => {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const { builds } = await planning.plan(many);
  clearInterval(timer);
  expect(builds).toHaveLength(31);
  expect(longest).toBeLessThan(1_000);
});
