import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { buildJson } from '../../app/routes/build-json.ts';
import type { Build } from '../../queue/build.ts';

const page = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');

test('the page has every field of a record, and no other', () => {
  const [, table = ''] = page.split('## The record of a build');
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual(Object.keys(buildJson({} as Build)).sort());
});
