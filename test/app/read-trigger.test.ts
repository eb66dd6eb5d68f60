import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { readTrigger } from '../../app/webhook/read-trigger.ts';

const examples = createRequire(import.meta.url)(
  '@octokit/webhooks-examples/api.github.com/index.json',
) as {
  name: string;
  examples: Record<string, unknown>[];
}[];

test('every example payload of GitHub is read without a mistake', () => {
  const kinds = new Set<string>();
  for (const { name, examples: payloads } of examples) {
    for (const payload of payloads) {
      const trigger = readTrigger(name, payload);
      kinds.add('kind' in trigger ? trigger.kind : 'ignored');
    }
  }
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining([
      'access ended',
      'ignored',
      'push',
      'repository changed',
      'rerun build',
    ]),
  );
});

test('a push is cut down to what planning needs', () => {
  const pushes = examples.find(({ name }) => name === 'push')?.examples ?? [];
  const read = pushes.map((payload) => readTrigger('push', payload));
  expect(read.length).toBeGreaterThan(2);
  for (const push of read) {
    expect(push).toMatchObject({ kind: 'push', ref: expect.stringMatching(/^refs\//) });
  }
  const deletion = pushes.findIndex(({ deleted }) => deleted === true);
  expect(deletion).toBeGreaterThan(-1);
  expect(read[deletion]).toMatchObject({ sha: null });
});

test.each([
  [true, true],
  [false, false],
  [undefined, false],
])('a push whose payload has forced: %s is forced: %s', (written, forced) => {
  const [payload] = examples.find(({ name }) => name === 'push')?.examples ?? [];
  expect(readTrigger('push', { ...payload, forced: written })).toMatchObject({ forced });
});
