import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { BuildState } from '../../queue/build.ts';
import { changeBuild, createBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import type { Notification } from '../../queue/notifications.ts';
import type { Repository } from '../github/repository.ts';
import { newBuild } from '../queue/new-build.ts';
import { dockerfile } from './builds.ts';
import type { Received, Receiver } from './receiver.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

/** A Slipway that tells of ends, and what its tests ask of it. */
export type NotifyScene = Awaited<ReturnType<typeof startNotifyScene>>;

/** The operator's key. */
export const secret = `whsec_${Buffer.alloc(32, 'notify').toString('base64')}`;

/** Starts one that may tell receivers on 127.0.0.1. */
export async function startNotifyScene(receiver: Receiver, more: Record<string, string> = {}) {
  const env = { NOTIFY_SECRET: secret, NOTIFY_ALLOW: '127.0.0.1', ...more };
  const slipway: Slipway = await startSlipway({ env });
  const redis = new Redis(slipway.redisUrl);
  const store = { redis, keys: keysUnder('slipway') };
  let said = '';

  /** What somebody with this access to a repository of acme is answered by the API or a page. */
  async function ask(name: string, path: string, { access = 'write', method = 'GET' } = {}) {
    const who = { access: { [`acme/${name}`]: access as 'none' } };
    const { token } = slipway.github.user(`notify-${name}-${access}`, who);
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`${slipway.url}${path}`, { method, headers, redirect: 'manual' });
  }

  async function notificationsOf(name: string): Promise<Notification[]> {
    const answer = await ask(name, `/api/repos/acme/${name}/notifications`);
    return ((await answer.json()) as { notifications: Notification[] }).notifications;
  }

  return {
    ...{ slipway, store, ask, notificationsOf },
    /** A line of a rules file for a path of the receiver, by a URL with a secret in it. */
    to: (path: string, rest = '') =>
      `  - { url: "http://127.0.0.1:${receiver.port}${path}?token=repositorys-token"${rest} }\n`,
    /** A new repository of acme with a commit whose rules file tells these targets. */
    async repositoryTelling(name: string, targets: string) {
      const repo = await slipway.github.createRepository('acme', name);
      const rules = `images: [{ name: web }]\nnotify:\n${targets}`;
      const files = { ...dockerfile('true'), '.github/slipway.yml': rules };
      const sha = await repo.commit({ files, branch: 'main', message: `Mend ${name} <!channel>` });
      // Slipway knows a repository once somebody who may write asks for it.
      await notificationsOf(name);
      return { repo, sha };
    },
    /** Brings a build of a commit to an end, as a worker would, without one. */
    async ending(repo: Repository, sha: string, state: BuildState): Promise<string> {
      const repository = { ...newBuild().repository, id: repo.id, fullName: repo.fullName };
      const id = `b${randomUUID()}`;
      await createBuild(store, {
        ...{ ...newBuild(), id, sha, repository, repo: repo.fullName, notifies: true },
        url: `${slipway.url}/builds/${id}`,
      });
      await changeBuild(store, id, { to: 'running' });
      const set = { reason: `It ${state}.`, finishedAt: new Date().toISOString() };
      await changeBuild(store, id, { to: state, set });
      return id;
    },
    /** The first requests that came to a path of the receiver, once there are so many. */
    arrived: (path: string, count = 1): Promise<Received[]> =>
      until(
        `${count} requests at ${path}`,
        () => (receiver.at(path).length >= count ? receiver.at(path) : undefined),
        40_000,
      ),
    /** A repository's notifications, once so many have been tried. */
    tried: (name: string, count: number): Promise<Notification[]> =>
      until(
        `${count} notifications of ${name} are tried`,
        async () => {
          const all = await notificationsOf(name);
          return all.filter(({ attempts }) => attempts > 0).length === count ? all : undefined;
        },
        40_000,
      ),
    /** The key that the targets of a repository's rules file check with. */
    async keyOf(name: string): Promise<string> {
      const answer = await ask(name, `/api/repos/acme/${name}/notifications/secret`);
      return ((await answer.json()) as { secret: string }).secret;
    },
    /** Kills the web process, does something without one, and starts another. */
    async withoutWeb(meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
      await end(slipway.processes.web, 'SIGKILL');
      said += slipway.processes.web.output();
      await meanwhile();
      slipway.processes.web = slipway.startWeb();
    },
    /**
     * Stops everything, and answers what GitHub's imitation found wrong, and all that web processes
     * said or ever wrote into Redis.
     */
    async stop(): Promise<{ violations: unknown[]; written: string }> {
      redis.disconnect();
      const { violations } = slipway.github;
      said += slipway.processes.web.output();
      const written = said + (await textIn(slipway.redisFolder));
      await slipway.stop();
      await receiver.close();
      return { violations, written };
    },
  };
}

/** Everything in the files of a folder: a Redis's append-only file has every command that was given. */
async function textIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

/** A request's headers as those take them who check signatures. */
export const headersOf = ({ headers }: Received) => headers as Record<string, string>;

/** What a request says, but for the check, which is made at about the same time. */
export function withoutCheck({ body }: Received) {
  const { build, ...rest } = JSON.parse(body);
  return { ...rest, build: { ...build, checkRunId: null } };
}
