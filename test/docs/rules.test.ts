import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { completeRule } from '../../app/plan/rule.ts';
import { rulesJsonSchema } from '../../app/rules/json-schema.ts';
import { readRules } from '../../app/rules/read-rules.ts';
import { tagsOf, versionOf } from '../../app/tags/version.ts';

const docs = new URL('../../../docs/', import.meta.url);
const page = await readFile(new URL('rules.md', docs), 'utf8');
const schema = JSON.parse(await readFile(new URL('slipway.schema.json', docs), 'utf8')) as object;

/** An example of the page, and what follows it: the mistakes it has, or the tags it makes. */
const examples = [
  ...page.matchAll(/^```yaml\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?((?:\n?\|[^\n]*)*)/gms),
].map(([, yaml = '', mistakes, table = '']) => ({ yaml, mistakes, rows: rowsOf(table) }));

const sha = '3f2a9c1d0b7e48a6c5d4e3f2a1b0c9d8e7f6a5b4';
const now = new Date('2026-11-24T12:00:00Z');
const repository = {
  ...{ id: 1, fullName: 'acme/web', private: false, defaultBranch: 'main', description: null },
  ...{ htmlUrl: '', license: null, installationId: 1 },
};

test('the page has its examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(10);
  expect(examples.filter(({ mistakes }) => mistakes)).toHaveLength(1);
  expect(examples.flatMap(({ rows }) => rows).length).toBeGreaterThanOrEqual(8);
});

describe.each(examples.map((example) => [example.yaml, example] as const))(
  '%s',
  (yaml, example) => {
    const read = readRules(yaml);
    const validates = new Ajv({ strict: false }).validate(schema, parse(yaml));

    test(example.mistakes ? 'is refused as the page says' : 'is a rules file', () => {
      const said = 'mistakes' in read ? read.mistakes : [];
      const lines = said.map(({ line, key, message }) => `line ${line}: ${key}: ${message}\n`);
      expect(lines.join('')).toBe(example.mistakes ?? '');
      expect(validates).toBe(!example.mistakes);
    });

    if (example.rows.length > 0) {
      test.each(example.rows)('%s makes %s', (pushed, tags) => {
        const [written] = 'rules' in read ? read.rules : [];
        const rule = completeRule('registry.example.com', repository, written!);
        const context = { event: 'push', sha, baseRef: null, defaultBranch: 'main', now };
        const ref = { ref: pushed.replace(/^(branch|tag) /, (_, kind) => refs[kind as 'tag']) };
        const version = versionOf(rule.tags, rule.flavor, { ...context, ...ref, committedAt: now });
        // The tables leave out the commit's own tag, which is always there.
        const made = tagsOf(version, rule.flavor)
          .filter((tag) => tag !== sha)
          .map((tag) => tag.replace(sha.slice(0, 7), '<short>'));
        expect(made.join(' ')).toBe(tags);
      });
    }
  },
);

test('the published JSON Schema is what validates; npm run schema writes it', () => {
  expect(schema).toEqual(JSON.parse(JSON.stringify(rulesJsonSchema())));
});

const refs = { branch: 'refs/heads/', tag: 'refs/tags/' };

function rowsOf(table: string): [string, string][] {
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| branch') || line.startsWith('| tag'));
  return rows.map((row) => {
    const [, pushed = '', tags = ''] = row.replaceAll('`', '').split('|');
    return [pushed.trim(), tags.trim()];
  });
}
