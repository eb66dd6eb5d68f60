import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { execa } from 'execa';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Store } from '../../queue/build-store.ts';
import { recordDelivery } from '../../queue/deliveries.ts';
import type { Queues } from '../../queue/queues.ts';
import type { Push } from '../../queue/trigger.ts';
import { writeProblem } from '../../queue/write-probe.ts';
import { localRepositoryPage } from '../pages/local-repository-page.ts';
import { pageHeaders } from '../routes/page-headers.ts';
import type { RefHead } from '../sweep/installed.ts';
import type { Mount } from '../web.ts';
import { serveGit } from './git-http.ts';
import { type Remote, repositoryFolder } from './local-forge.ts';
import { presentRepository } from './local-installed.ts';
import { ownHostOnly } from './own-host.ts';
import { commitAt, isAncestor, refsOf } from './read-git.ts';
import { pageVariable, tellPageOnPush } from './tell-page.ts';

const address = /^\/git\/([A-Za-z0-9][\w.-]*\/[A-Za-z0-9_][\w.-]*?)\.git\/?$/;
const path = /^\/git\/([A-Za-z0-9][\w.-]*\/[A-Za-z0-9_][\w.-]*?)\.git\/(.+)$/;

/**
 * Serves `/git/<owner>/<repo>.git`: a push to a repository that is not there makes it, and every
 * branch and tag that a push changed goes the way of a delivery from GitHub. While Redis takes no
 * writes a push is refused before it moves anything; one that was taken and could not be recorded
 * after all is found by the sweep.
 */
export function localRemote(remote: Remote, store: Store, queues: Queues, log: Logger): Mount {
  return (app) => {
    app.use(ownHostOnly);
    app.get('/git/*', pageHeaders(), async (c, next) => {
      const [, fullName] = address.exec(c.req.path) ?? [];
      if (!fullName || !existsSync(repositoryFolder(remote, fullName))) return next();
      return c.html(localRepositoryPage(fullName, `${originOf(c)}/git/${fullName}.git`));
    });
    app.all('/git/*', async (c) => {
      const [, fullName, service] = path.exec(c.req.path) ?? [];
      if (!fullName || !service) return c.text('Use /git/<owner>/<repo>.git\n', 404);
      const isPush = service === 'git-receive-pack' && c.req.method === 'POST';
      // Of a refusal of this first request git shows the words.
      if (isPush || c.req.query('service') === 'git-receive-pack') {
        const problem = await writeProblem(store);
        if (problem) return c.text(`No push can be taken now. ${problem}\n`, 503);
      }
      const folder = repositoryFolder(remote, fullName);
      if (!existsSync(folder)) await create(folder);
      if (isPush) await tellPageOnPush(folder);
      const before = isPush ? await refsOf(folder) : new Map<string, RefHead>();
      const record = async (): Promise<void> => {
        if (!isPush) return;
        try {
          for (const push of await changes(remote, fullName, folder, before)) {
            await recordDelivery(store, queues, randomUUID(), 'push', push);
          }
        } catch (error) {
          // Git has said already that it took the push, and so it has.
          const { message: reason } = error as Error;
          log.warn({ repository: fullName, reason }, 'A push is left to the sweep to record');
        }
      };
      const { incoming, outgoing } = c.env;
      const told = { [pageVariable]: `${originOf(c)}/${fullName}` };
      await serveGit(folder, service, told, incoming, outgoing, record);
      return RESPONSE_ALREADY_SENT;
    });
  };
}

/** As whoever asks reaches us, which is by a name of this machine. */
const originOf = (c: Context): string => new URL(c.req.url).origin;

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

async function changes(
  remote: Remote,
  fullName: string,
  folder: string,
  before: Map<string, RefHead>,
): Promise<Push[]> {
  const repository = await presentRepository(remote, fullName);
  // With its fraction, which GitHub does not tell: here a branch may go to and fro within a second.
  const pushedAt = Date.now() / 1_000;
  const after = await refsOf(folder);
  const changed = [...after].filter(([ref, { sha }]) => before.get(ref)?.sha !== sha);
  const pushes = await Promise.all(
    changed.map(async ([ref, head]): Promise<Push | null> => {
      const commit = await commitAt(folder, head.sha);
      if (commit === null) return null;
      const from = before.get(ref)?.sha ?? '0'.repeat(40);
      return {
        kind: 'push',
        ...{ repository, ref, before: from, after: head.sha, pushedAt, baseRef: null },
        ...commit,
        forced: before.has(ref) && !(await isAncestor(folder, from, head.sha)),
      };
    }),
  );
  return pushes.filter((push) => push !== null);
}
