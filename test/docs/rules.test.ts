import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { completeRules } from '../../app/plan/complete-rules.ts';
import { readRules } from '../../app/rules/read-rules.ts';
import { editorRefuses } from '../app/rules/editor.ts';
import { outcomeOf, repository } from './outcomes.ts';

const root = new URL('../../../', import.meta.url);
const page = await readFile(new URL('docs/rules.md', root), 'utf8');
const readme = await readFile(new URL('README.md', root), 'utf8');

/** An example of the page, and what follows it: the mistakes it has, or tables of what it does. */
const examples = [
  ...page.matchAll(/^```yaml\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?((?:\n?\|[^\n]*)*)/gms),
].map(([, yaml = '', mistakes = '', table = '']) => ({ yaml, mistakes, ...tableOf(table) }));

test('the page has its examples', () => {
  expect(examples).toHaveLength(page.split('```yaml').length - 1);
  expect(examples.length).toBeGreaterThanOrEqual(15);
  expect(examples.filter(({ mistakes }) => mistakes)).toHaveLength(2);
  expect(examples.flatMap(({ rows }) => rows).length).toBeGreaterThanOrEqual(35);
});

describe.each(examples.map((example) => [example.yaml, example] as const))(
  '%s',
  (yaml, { mistakes, heading, rows }) => {
    const read = readRules(yaml);
    const found = 'rules' in read ? completeRules('registry.example.com', repository, read) : read;

    test(mistakes ? 'is refused as the page says' : 'is a rules file', () => {
      const said = 'mistakes' in found ? found.mistakes : [];
      const lines = said.map(({ line, key, message }) => `line ${line}: ${key}: ${message}\n`);
      expect(lines.join('')).toBe(mistakes);
      expect(editorRefuses(parse(yaml))).toBe('mistakes' in read);
    });

    if (rows.length > 0) {
      test.each(rows)('%s: %s', async (subject, outcome) => {
        const [rule] = 'rules' in found ? found.rules : [];
        expect(await outcomeOf(heading, rule!, subject)).toBe(outcome);
      });
    }
  },
);

test('the example in the README is a rules file', () => {
  const [, yaml = ''] = /^```yaml\n(.*?)^```/ms.exec(readme) ?? [];
  const read = readRules(yaml);
  expect('rules' in read && completeRules('registry.example.com', repository, read)).toMatchObject({
    rules: [{ name: 'web' }, { name: 'tools' }],
  });
});

/** A table's heading, and the two cells of each of its rows, without backticks. */
function tableOf(table: string): { heading: string; rows: [string, string][] } {
  const [heading = ['', ''], , ...rows] = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line): [string, string] => {
      const [, first = '', second = ''] = line.replaceAll('`', '').split('|');
      return [first.trim(), second.trim()];
    });
  return { heading: heading.join(' | '), rows };
}
