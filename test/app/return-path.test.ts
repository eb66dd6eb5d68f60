import { expect, test } from '@jest/globals';
import { returnPath } from '../../app/sign-in/return-path.ts';

test.each([
  '/',
  '/acme/web',
  '/builds/b3f2a9c1?x=1&y=//z#L120-L130',
  '/acme/web?ref=release%2F1',
  '/acme/100%25',
  '/sign-ins/web',
  '/sign-in-helper/web',
])('%s is a path of this service', (path) => {
  expect(returnPath(path)).toBe(path);
});

test.each([
  undefined,
  '',
  'acme/web',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/a/..//evil.example',
  '/%2Fevil.example',
  '/%2f/evil.example',
  '/%5Cevil.example',
  '/./%2fevil.example',
  'https://evil.example/',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '@evil.example',
  '.evil.example',
  ':80@evil.example',
  '/sign-in',
  '/sign-in?to=/x',
  '/sign-in/callback?code=x',
  '/sign-out',
  `/${'x'.repeat(1_000)}`,
])('%j leads home', (path) => {
  expect(returnPath(path)).toBe('/');
});

test('wherever it leads, a browser stays at this service', () => {
  const pieces = [
    '/',
    '\\',
    '.',
    '..',
    '%2f',
    '%5c',
    '\t',
    '\n',
    '@',
    ':',
    'evil.example',
    '?',
    '#',
  ];
  for (const a of pieces) {
    for (const b of pieces) {
      for (const c of pieces) {
        const path = returnPath(`/${a}${b}${c}evil.example`);
        expect(new URL(path, 'https://slipway.example').host).toBe('slipway.example');
        expect(path).toMatch(/^\/(?![/\\])/);
      }
    }
  }
});
