import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { readFlavor } from '../../../app/tags/flavor.ts';
import { labelsOf } from '../../../app/tags/labels.ts';
import type { TagContext } from '../../../app/tags/tag-context.ts';
import { metadataDefaults, readTagLines } from '../../../app/tags/tag-line.ts';
import { tagsOf, versionOf } from '../../../app/tags/version.ts';

/** What docker/metadata-action's own tests say goes in and comes out, as facts (`__tests__/meta.test.ts`). */
type Case = {
  name: string;
  context: Omit<TagContext, 'now' | 'committedAt'>;
  input: { tags: string[]; flavor: string[]; labels: string[] };
  expected: {
    version?: { main: string | null; partial: string[]; latest: boolean };
    tags: string[];
    labels: Record<string, string>;
  };
};

const cases = createRequire(import.meta.url)(
  '../../../../test/app/tags/metadata-action.json',
) as Case[];

const now = new Date('2020-01-10T00:30:00.000Z');
const repository = {
  name: 'Hello-World',
  description: 'This your first repo!',
  htmlUrl: 'https://github.com/octocat/Hello-World',
  license: 'MIT',
};

test.each(cases.map((each) => [each.name, each] as const))('%s', (_name, each) => {
  const { input, expected } = each;
  const context = { ...each.context, now, committedAt: now };
  const lines = readTagLines(input.tags.length > 0 ? input.tags : metadataDefaults);
  const flavor = readFlavor(input.flavor);
  const version = versionOf(lines, flavor, context);
  if (expected.version) {
    const { main = null, partial, latest } = version;
    expect({ main, partial, latest }).toEqual(expected.version);
  }
  expect(tagsOf(version, flavor)).toEqual(expected.tags);
  expect(labelsOf(repository, version.main, context, input.labels)).toEqual(expected.labels);
});

test('all of its cases are here', () => {
  expect(cases.length).toBeGreaterThanOrEqual(120);
});
