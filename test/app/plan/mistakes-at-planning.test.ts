import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPlanning } from './plan-text.ts';

let planning: Awaited<ReturnType<typeof openPlanning>>;
beforeAll(async () => {
  planning = await openPlanning();
});
afterAll(() => planning.close());

const two = (second: string) => `images:\n  - name: a\n  - name: b\n${second}`;

test.each([
  ['a type of tag', '    tags: |\n      type=sha\n      type=nope\n', '4:5', 'tags', 'no type'],
  ['a list of tags', '    tags:\n      - type=semver\n', '4:5', 'tags', 'needs the attribute'],
  [
    'a flavor',
    '    reuse: true\n    tags: a\n    flavor: newest=1\n',
    '6:5',
    'flavor',
    'no flavor',
  ],
  ['a branch', '    on:\n      branches: [main, "/(/"]\n', '5:24', 'on.branches[1]', 'regular'],
  ['a git tag', '    on: { tags: ["/a/x"] }\n', '4:18', 'on.tags[0]', 'no flag'],
  ['a path', '    paths:\n      - a\n      - "!/(?=x)/"\n', '6:9', 'paths[1]', 'regular'],
  ['a tag at the commit', '    tags: "value={{date tz=1}}"\n', '4:5', 'tags', 'no time zone'],
  ['a tag’s expression', '    tags: raw,enable=maybe\n', '4:5', 'tags', 'no value of enable'],
  ['a flavor at the commit', '    tags: a\n    flavor: "prefix={{x"\n', '5:5', 'flavor', 'Parse'],
  ['a label', '    labels: { a: "{{date tz=\'Mars\'}}" }\n', '4:5', 'labels', 'no time zone'],
  [
    'many tags',
    `    tags: [${'a, '.repeat(30)}]\n    labels: |\n${'      a=1\n'.repeat(65)}`,
  ].concat(['5:5', 'labels', 'allowed are 64']) as [string, string, string, string, string],
  ['a double image', '    image: registry.example.com/acme/planned/a\n', '4:5', 'image', 'already'],
  ['another’s image', '    image: registry.example.com/other/b\n', '4:5', 'image', 'not acme’s'],
  ['a tagged image', '    image: ghcr.io/acme/b:1\n', '4:5', 'image', '“ghcr.io/acme/b:1” is no'],
  [
    'a digest',
    `    image: ghcr.io/acme/b@sha256:${'a'.repeat(64)}\n`,
    '4:5',
    'image',
    'is no image',
  ],
  ['a scheme', '    image: https://ghcr.io/acme/b\n', '4:5', 'image', 'without https://'],
  ['upper case', '    image: ghcr.io/Acme/b\n', '4:5', 'image', 'in lower case'],
  ['an empty part', '    image: ghcr.io//b\n', '4:5', 'image', 'is no image name'],
  ['a long image', `    image: ghcr.io/${'b'.repeat(249)}\n`, '4:5', 'image', 'at most 255'],
])('%s that is wrong is told at its key', async (_what, second, place, key, says) => {
  const { builds } = await planning.plan(two(second));
  const failed = builds.filter(({ failure }) => failure);
  expect(failed).toHaveLength(1);
  const [mistake, ...others] = failed[0]?.failure?.mistakes ?? [];
  expect(others).toEqual([]);
  expect(`${mistake?.line}:${mistake?.column}`).toBe(place);
  expect(mistake?.key).toBe(`images[1].${key}`);
  expect(mistake?.message).toContain(says);
  expect(failed[0]?.reason).toBe(
    `.github/slipway.yml line ${mistake?.line}: images[1].${key}: ${mistake?.message}`,
  );
});

test('a double image that nobody wrote is told at the rule', async () => {
  const image = 'registry.example.com/acme/planned/b';
  const { builds } = await planning.plan(
    `images:\n  - { name: a, image: ${image} }\n  - name: b\n`,
  );
  expect(builds[0]?.failure?.mistakes).toMatchObject([{ line: 3, key: 'images[1].image' }]);
});

test.each(['registry.example.com/acme/x', 'registry.example.com/acme/a.b_c__d---e/f'])(
  '%s is an image',
  async (image) => {
    const { builds } = await planning.plan(`images:\n  - image: ${image}\n`);
    expect(builds).toMatchObject([{ state: 'queued', image }]);
  },
);

test('everything that is wrong is told at once, in the order of the file', async () => {
  const { builds } = await planning.plan(
    'images:\n  - name: a\n    tags: type=x\n    flavor: y=1\n  - name: b\n    paths: ["/(/"]\n',
  );
  expect(builds[0]?.failure?.mistakes?.map(({ key }) => key)).toEqual(
    expect.arrayContaining(['images[0].tags', 'images[1].paths[0]']),
  );
});
