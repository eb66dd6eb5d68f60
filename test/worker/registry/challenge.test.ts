import { expect, test } from '@jest/globals';
import { readChallenge } from '../../../worker/registry/challenge.ts';

const bearer = { scheme: 'bearer', realm: 'https://auth.docker.io/token' };
const realm = 'realm="https://auth.docker.io/token"';

test.each([
  ['Basic realm="a registry"', { scheme: 'basic' }],
  ['basic', { scheme: 'basic' }],
  [`Bearer ${realm}`, bearer],
  [
    `Bearer ${realm},service="registry.docker.io",scope="repository:a/b:pull,push"`,
    { ...bearer, service: 'registry.docker.io', scope: 'repository:a/b:pull,push' },
  ],
  [`BEARER Realm = "https://auth.docker.io/token" , service=s`, { ...bearer, service: 's' }],
  [`Bearer ${realm},service="say \\"s\\""`, { ...bearer, service: 'say "s"' }],
  [`Basic realm="x", Bearer ${realm},error="invalid_token"`, bearer],
  [`Bearer ${realm}, Basic realm="Bearer realm=x"`, bearer],
  ['Negotiate abc==, Basic realm="x"', { scheme: 'basic' }],
  ['Bearer service="s"', null],
  ['Negotiate', null],
  ['', null],
  [undefined, null],
])('%s', (header, expected) => {
  expect(readChallenge(header)).toEqual(expected);
});

test('a header of any form is read in no time', () => {
  const before = Date.now();
  for (const piece of ['a="', '"', '\\', 'a=', 'a ', '="\\'])
    readChallenge(piece.repeat(16_384 / piece.length));
  expect(Date.now() - before).toBeLessThan(1000);
});
