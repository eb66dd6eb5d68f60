import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url).pathname;

/** Which rooms a room's files may import from, and the packages it must not know. */
const rooms = {
  app: { mayImport: ['app', 'queue'], never: /^(dockerode|tar-stream)$/ },
  worker: { mayImport: ['worker', 'queue'], never: /^(probot|@octokit\/)/ },
  queue: { mayImport: ['queue'], never: /^(probot|dockerode|hono|@octokit\/)/ },
} as const;

for (const [room, { mayImport, never }] of Object.entries(rooms)) {
  test(`${room} imports from ${mayImport.join(' and ')} only`, async () => {
    const files = (await readdir(join(root, room), { recursive: true })).filter((file) =>
      file.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const text = await readFile(join(root, room, file), 'utf8');
      for (const [, name = ''] of text.matchAll(/(?:from|import) '([^']+)'/g)) {
        const target = name.startsWith('.') ? join(room, file, '..', name).split('/')[0] : null;
        if (target)
          expect({ file, imports: target, allowed: mayImport }).toEqual({
            file,
            imports: expect.stringMatching(new RegExp(`^(${mayImport.join('|')})$`)),
            allowed: mayImport,
          });
        else expect({ file, name }).toEqual({ file, name: expect.not.stringMatching(never) });
      }
      if (!file.endsWith('main.ts'))
        expect({ file, text }).toEqual({ file, text: expect.not.stringContaining('process.env.') });
    }
  });
}

test('no file imports itself, by whatever way round', async () => {
  const imports = new Map<string, string[]>();
  for (const room of Object.keys(rooms)) {
    for (const file of await readdir(join(root, room), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const path = join(room, file);
      const text = await readFile(join(root, path), 'utf8');
      const named = [...text.matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, name = '']) => name);
      imports.set(
        path,
        named.map((name) => join(path, '..', name)),
      );
    }
  }
  expect(circlesIn(imports)).toEqual([]);
});

/** Each way that leads from a file back to it, once. */
function circlesIn(imports: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (way.includes(file) || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return circles;
}
