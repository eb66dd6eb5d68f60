import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { execa } from 'execa';
import type { Store } from '../../queue/build-store.ts';
import { recordDelivery } from '../../queue/deliveries.ts';
import type { Queues } from '../../queue/queues.ts';
import type { Push } from '../../queue/trigger.ts';
import type { Mount } from '../web.ts';
import { serveGit } from './git-http.ts';
import { localRepository, type Remote, repositoryFolder } from './local-forge.ts';
import { ownHostOnly } from './own-host.ts';

const path = /^\/git\/([A-Za-z0-9][\w.-]*\/[A-Za-z0-9_][\w.-]*?)\.git\/(.+)$/;

/**
 * Serves `/git/<owner>/<repo>.git`: a push to a repository that is not there makes it, and every
 * branch and tag that a push changed goes the way of a delivery from GitHub.
 */
export function localRemote(remote: Remote, store: Store, queues: Queues): Mount {
  return (app) => {
    app.use(ownHostOnly);
    app.all('/git/*', async (c) => {
      const [, fullName, service] = path.exec(c.req.path) ?? [];
      if (!fullName || !service) return c.text('Use /git/<owner>/<repo>.git\n', 404);
      const folder = repositoryFolder(remote, fullName);
      if (!existsSync(folder)) await create(folder);
      const isPush = service === 'git-receive-pack' && c.req.method === 'POST';
      const before = isPush ? await refsOf(folder) : new Map<string, string>();
      const { incoming, outgoing } = c.env;
      await serveGit(folder, service, incoming, outgoing, async () => {
        if (!isPush) return;
        for (const push of await changes(remote, fullName, folder, before)) {
          await recordDelivery(store, queues, randomUUID(), 'push', push);
        }
      });
      return RESPONSE_ALREADY_SENT;
    });
  };
}

async function create(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  for (const [key, value] of [
    ['http.receivepack', 'true'],
    ['uploadpack.allowAnySHA1InWant', 'true'],
    // Workers ask for commits without their files, to see which follows on which.
    ['uploadpack.allowFilter', 'true'],
  ] as const) {
    await execa('git', ['config', key, value], { cwd: folder });
  }
}

/** Every branch and tag with what it points at. */
async function refsOf(folder: string): Promise<Map<string, string>> {
  const format = '--format=%(objectname) %(refname)';
  const { stdout } = await execa('git', ['for-each-ref', format], { cwd: folder });
  return new Map(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(41), line.slice(0, 40)]),
  );
}

async function changes(
  remote: Remote,
  fullName: string,
  folder: string,
  before: Map<string, string>,
): Promise<Push[]> {
  const after = await refsOf(folder);
  const repository = localRepository(
    remote,
    fullName,
    after.has('refs/heads/main') ? 'main' : 'master',
  );
  // With its fraction, which GitHub does not tell: here a branch may go to and fro within a second.
  const pushedAt = Date.now() / 1_000;
  const changed = [...after].filter(([ref, object]) => before.get(ref) !== object);
  return Promise.all(
    changed.map(async ([ref, object]): Promise<Push> => {
      const args = ['log', '-1', '--format=%H%x00%an%x00%cI%x00%B', object];
      const { stdout } = await execa('git', args, { cwd: folder });
      const [sha = '', author = '', committedAt = '', message = ''] = stdout.split('\0');
      const from = before.get(ref) ?? '0'.repeat(40);
      return {
        kind: 'push',
        ...{ repository, ref, before: from, after: object, sha, message, author, pushedAt },
        ...{ committedAt, baseRef: null },
        forced: before.has(ref) && !(await isAncestor(folder, from, object)),
      };
    }),
  );
}

async function isAncestor(folder: string, older: string, newer: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', older, newer];
  return !(await execa('git', args, { cwd: folder, reject: false })).failed;
}
