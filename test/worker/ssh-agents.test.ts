import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BuildFailed } from '../../worker/engine/build-errors.ts';
import { sshAgentsFor } from '../../worker/ssh-agents.ts';
import { newBuild } from '../queue/new-build.ts';

let folder: string;
const servers: Server[] = [];

async function listen(...path: string[]): Promise<void> {
  const server = createServer().listen(join(folder, ...path));
  servers.push(server);
  await once(server, 'listening');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-agents-'));
  await mkdir(join(folder, 'acme', 'web'), { recursive: true });
  await mkdir(join(folder, 'acme', 'named.sock'));
  await mkdir(join(folder, 'other'), { recursive: true });
  await listen('acme', 'default.sock');
  await listen('acme', 'web', 'default.sock');
  await listen('acme', 'shared.sock');
  await listen('acme', 'named');
  await listen('other', 'theirs.sock');
  await listen('acme', 'hidden.sock');
  await writeFile(join(folder, 'acme', 'web', 'hidden.sock'), 'a key, by mistake');
  await symlink(join(folder, 'other', 'theirs.sock'), join(folder, 'acme', 'linked.sock'));
  await symlink('nowhere', join(folder, 'acme', 'web', 'shared.sock'));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

const find = (ssh: string[], isFork = false, from: string | null = folder) => {
  const { recipe } = newBuild();
  const pullRequest = isFork ? { number: 1, isFork } : null;
  return sshAgentsFor(from, { repo: 'acme/web', recipe: { ...recipe, ssh }, pullRequest });
};

test('a repository’s own agent comes before its owner’s; the operator may link to one', async () => {
  expect(await find(['default', 'shared', 'linked'])).toEqual(
    new Map([
      ['default', join(folder, 'acme', 'web', 'default.sock')],
      ['shared', join(folder, 'acme', 'shared.sock')],
      ['linked', join(folder, 'acme', 'linked.sock')],
    ]),
  );
});

test('a rule that names none needs none, and a fork’s pull request gets none', async () => {
  expect(await find([], false, null)).toEqual(new Map());
  expect(await find(['default', 'missing'], true)).toEqual(new Map());
});

const missing = (id: string) =>
  `The ssh agent ${id} is missing: its place is the socket ` +
  `SECRETS_DIR/acme/web/${id}.sock or SECRETS_DIR/acme/${id}.sock on the worker`;

test.each([
  ['none', `${missing('none')}.`],
  ['named', `${missing('named')}.`],
  ['..', `${missing('..')}.`],
  ['../other/theirs', `${missing('../other/theirs')}.`],
  [
    'hidden',
    'The ssh agent hidden cannot be used: SECRETS_DIR/acme/web/hidden.sock on the worker is not a socket.',
  ],
])('%s is refused in words', async (id, message) => {
  const refused = find(['default', id]);
  await expect(refused).rejects.toThrow(BuildFailed);
  await expect(refused).rejects.toHaveProperty('message', message);
});

test('a worker without SECRETS_DIR says so', async () => {
  const message = `${missing('default')}, and this worker has no SECRETS_DIR.`;
  await expect(find(['default'], false, null)).rejects.toHaveProperty('message', message);
});
