import { describe, expect, test } from '@jest/globals';
import { externalImages } from '../../../worker/engine/external-images.ts';

const library = (name: string) => `docker.io/library/${name}`;

describe('what a Dockerfile takes from outside', () => {
  test.each<[string, string[]]>([
    ['FROM node', [library('node:latest')]],
    ['FROM scratch', []],
    [`FROM r.example/a/b@sha256:${'0'.repeat(64)}`, [`r.example/a/b@sha256:${'0'.repeat(64)}`]],
    ['FROM --platform=$BUILDPLATFORM node:22 AS b\nFROM b', [library('node:22')]],
    ['from node AS Build\nFROM build\nCOPY --from=BUILD /a /a', [library('node:latest')]],
    ['FROM a\nCOPY --from=b /x /x', [library('a:latest'), library('b:latest')]],
    ['FROM a\nCOPY --chown=1 --from=0 /x /x', [library('a:latest')]],
    [
      'FROM a\nRUN --mount=type=bind,from=b,target=/b x',
      [library('a:latest'), library('b:latest')],
    ],
    ['FROM a\nRUN --mount=target=/b,From=b x', [library('a:latest'), library('b:latest')]],
    ['FROM a\nONBUILD COPY --from=b /x /x', [library('a:latest'), library('b:latest')]],
    ['FROM a\nRUN curl --from=b,from=c', [library('a:latest')]],
    ['FROM 0', [library('0:latest')]],
    ['ARG V=22\nARG I=node:$V\nFROM $I', [library('node:22')]],
    [`ARG V\nFROM node:\${V:-20}`, [library('node:20')]],
    [`ARG GIVEN="1" OTHER=2\nFROM node:\${GIVEN}`, [library('node:3')]],
    ['FROM a\nRUN <<EOF\nFROM b\nEOF', [library('a:latest')]],
    ['FROM a\nRUN python3 <<EOF\nfrom x import y\nEOF', [library('a:latest')]],
  ])('%s', (text, expected) => {
    expect(externalImages(text, { GIVEN: '3' })).toEqual(expected);
  });
});

describe('a name that BuildKit may read otherwise', () => {
  test.each([
    'FROM $UNKNOWN',
    ...[
      './x',
      'a//b',
      '//x',
      '/',
      'localhost:5000//x',
      'a/./b',
      '../../x',
      'a/../../../x/json',
    ].map((name) => `FROM ${name}`),
    'FROM node@sha256:0',
    'FROM Node',
    'ARG 1bob=acme/x\nFROM r:5000/$1bob/secret',
    `ARG A=acme/\nARG A\nFROM r:5000/\${A}bob/secret`,
    `ARG A=acme/ B=x A\nFROM r:5000/\${A}bob/secret`,
    `ARG A=\nARG P=\${A-acme/}\nFROM r:5000/\${P}bob/secret`,
    `FROM ${'$a'.repeat(100_000)}!`,
    `ARG A0=${'a'.repeat(400)}\n${[...Array(12).keys()]
      .map((i) => `ARG A${i + 1}=${`$A${i}`.repeat(1_000)}`)
      .join('\n')}\nFROM $A12`,
    `FROM a\nRUN x ${'<<A '.repeat(50_000)}\n${'\n'.repeat(9_000)}`,
    'FROM "node"',
    'FROM no\\de',
    `FROM node:22\${TARGETVARIANT}`,
    `ARG A=\${TARGETARCH:+victim}\nFROM r/\${A:-acme}/x`,
    `ARG A=\nFROM \${A-node}`,
    `FROM \${A%x}`,
    'ARG A="3"-slim\nFROM node:$A',
    "ARG A='$B'\nFROM node:$A",
    'FROM a\nCOPY --from="b" /x /x',
    'FROM a\nCOPY --fr\\om=b /x /x',
    'FROM a\nCOPY --from=$B /x /x',
    'FROM a\nRUN --mount=type=bind,"from"=b,target=/x y',
    'FROM a\nRUN echo \\\\\nFROM b',
    '# escape=`\nFROM a\nRUN echo \\\nFROM b',
    '#!/usr/bin/docker\n# escape=`\nFROM a\nRUN echo \\\nFROM b',
    '\u0085FROM b\nFROM a',
    'FROM a\n\u0085FROM b',
    'FROM a\nRUN x <<CMD\nFROM b\nCMD',
    'FROM a\nRUN x <<"A B"\nA B\n',
    `FROM a\n${'\n'.repeat(10_000)}FROM b`,
  ])('%s', (text) => {
    expect(externalImages(text, {})).toBeNull();
  });
});
