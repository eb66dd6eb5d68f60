import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { rulesJsonSchema } from '../../../app/rules/json-schema.ts';
import { readRules } from '../../../app/rules/read-rules.ts';
import { editorRefuses, publishedSchema } from './editor.ts';

test('the published JSON Schema is what validates; npm run schema writes it', () => {
  expect(publishedSchema).toBe(`${JSON.stringify(rulesJsonSchema(), null, 2)}\n`);
});

test('every key that can be written has a description', () => {
  const without: string[] = [];
  let keys = 0;
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, part] of Object.entries(node)) {
      visit(part, `${path}/${name}`);
      if (!path.endsWith('/properties')) continue;
      keys += 1;
      if (!(part as { description?: string }).description) without.push(`${path}/${name}`);
    }
  };
  visit(JSON.parse(publishedSchema), '');
  expect(without).toEqual([]);
  expect(keys).toBeGreaterThanOrEqual(24);
});

const one = (key: string) => `images:\n  - ${key}\n`;
const told = (target: string) => `images: [{}]\nnotify:\n  - ${target}\n`;

test.each([
  one('name: web'),
  one('image: registry.example.com:5000/acme/web'),
  one('args: { NODE_VERSION: 22, DEBUG: true, NAME: x }'),
  one('ssh: [default, deploy-key_2.old]'),
  one('platforms: [linux/arm64/v8]'),
  one('on: {}'),
  one('tags: [type=sha, latest]'),
  one('labels: { a: 1 }'),
  one('labels: [a=1]'),
  one('test: { command: [npm, test] }'),
  one('timeout: 90s'),
  told('url: https://ci.example.com/hook'),
  told('{ url: "http://[fd00::7]:80?a=@b", format: dockerhub, on: [succeeded] }'),
])('%s is taken by the editor and by Slipway', (text) => {
  expect(readRules(text)).toHaveProperty('rules');
  expect(editorRefuses(parse(text))).toBe(false);
});

test.each([
  'image: []\n',
  'images: []\n',
  'images: {}\n',
  'images: [{}]\nversion: 1\n',
  one('name: Web'),
  one('image: https://ghcr.io/acme/web'),
  one('image: ghcr.io/acme/web:latest'),
  one('context: ""'),
  one('args: { "a-b": x }'),
  one('args: { A: [x] }'),
  one('secrets: [a/b]'),
  one('ssh: default'),
  one('ssh: [a/b]'),
  one('ssh: [""]'),
  one(`ssh: [${'a'.repeat(65)}]`),
  one('platforms: [arm64]'),
  one('on: { branches: main }'),
  one('on: { branch: [main] }'),
  one('on: { pull_requests: 1 }'),
  one(`paths: [${'a'.repeat(257)}]`),
  one(`paths: [${'a, '.repeat(65)}]`),
  one('tags: 7'),
  one('labels: { a: [x] }'),
  one('test: {}'),
  one('test: { command: npm test }'),
  one('test: { target: a, command: [b] }'),
  one('timeout: 30 minutes'),
  one('cancel_superseded: sometimes'),
  one('reuse: 1'),
  told('https://ci.example.com/hook'),
  told('format: slack'),
  told('url: ftp://ci.example.com'),
  told('url: https://user@ci.example.com'),
  told('{ url: "https://c", format: json }'),
  told('{ url: "https://c", on: failed }'),
  told('{ url: "https://c", on: [] }'),
  `images: [{}]\nnotify: [${'{ url: "https://c" }, '.repeat(9)}]\n`,
])('%s is refused by the editor and by Slipway', (text) => {
  expect(readRules(text)).toHaveProperty('mistakes');
  expect(editorRefuses(parse(text))).toBe(true);
});
