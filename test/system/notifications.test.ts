import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Webhook } from 'standardwebhooks';
import type { BuildState } from '../../queue/build.ts';
import { changeBuild, createBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import type { Notification } from '../../queue/notifications.ts';
import { closeQueues, openQueues, type Queues } from '../../queue/queues.ts';
import type { Repository } from '../github/repository.ts';
import { newBuild } from '../queue/new-build.ts';
import { dockerfile, ended } from './builds.ts';
import { type Received, type Receiver, startReceiver } from './receiver.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

const secret = `whsec_${Buffer.alloc(32, 'notify').toString('base64')}`;
const keys = keysUnder('slipway');
let receiver: Receiver;
let slipway: Slipway;
let redis: Redis;
let queues: Queues;

beforeAll(async () => {
  receiver = await startReceiver({
    '/fails': (response, nth) => response.writeHead(nth === 1 ? 500 : 200).end(),
    '/busy': (response, nth) =>
      response.writeHead(nth === 1 ? 503 : 200, { 'retry-after': '1' }).end(),
    '/silent': (response, nth) => nth > 1 && response.writeHead(200).end(),
    '/hung': (response, nth) => nth > 1 && response.writeHead(200).end(),
    '/gone': (response) => response.writeHead(410).end(`no /gone?key=hushhush here`),
    '/moved': (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
    '/endless': (response) => {
      const more = () => response.destroyed || response.write('x'.repeat(10_000), more);
      response.writeHead(200);
      more();
    },
  });
  const env = {
    NOTIFY_SECRET: secret,
    NOTIFY_ALLOW: '127.0.0.1',
    NOTIFY_URL: `acme/ends=http://127.0.0.1:${receiver.port}/operator?token=operators-token`,
  };
  slipway = await startSlipway({ env });
  redis = new Redis(slipway.redisUrl);
  queues = openQueues(redis, keys);
});
afterAll(async () => {
  await closeQueues(queues);
  redis.disconnect();
  const { violations } = slipway.github;
  const output = slipway.processes.web.output();
  await slipway.stop();
  await receiver.close();
  expect(violations).toEqual([]);
  expect(output).not.toMatch(/repositorys-token|operators-token|hushhush/);
});

const to = (path: string, more = '') =>
  `  - { url: "http://127.0.0.1:${receiver.port}${path}?token=repositorys-token"${more} }\n`;

/** A new repository of acme with a commit whose rules file tells these targets. */
async function repositoryTelling(name: string, targets: string) {
  const repo = await slipway.github.createRepository('acme', name);
  const rules = `images: [{ name: web }]\nnotify:\n${targets}`;
  const files = { ...dockerfile('true'), '.github/slipway.yml': rules };
  const sha = await repo.commit({ files, branch: 'main', message: `Mend ${name} <!channel>` });
  // Slipway knows a repository once somebody who may write asks for it.
  await notificationsOf(name);
  return { repo, sha };
}

/** Brings a build of a commit to an end, as a worker would, without one. */
async function ending(repo: Repository, sha: string, state: BuildState): Promise<string> {
  const store = { redis, keys };
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
}

const arrived = (path: string, count = 1): Promise<Received[]> =>
  until(
    `${count} requests at ${path}`,
    () => (receiver.at(path).length >= count ? receiver.at(path) : undefined),
    40_000,
  );

/** What somebody with this access to a repository is answered by the API or a page. */
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

const settled = (name: string, count: number): Promise<Notification[]> =>
  until(
    `${count} notifications of ${name} are tried`,
    async () => {
      const all = await notificationsOf(name);
      return all.filter(({ attempts }) => attempts > 0).length === count ? all : undefined;
    },
    40_000,
  );

/** Does what the pause before the next try does when it is over. */
async function hurry({ id }: { id: string }): Promise<void> {
  const job = await until('it waits for its next try', async () => {
    const found = await queues.notifications.getJob(id);
    return (await found?.isDelayed()) ? found : undefined;
  });
  await job.promote();
}

/** What a request says, but for the check, which is made at about the same time. */
const withoutCheck = ({ body }: Received) => {
  const { build, ...rest } = JSON.parse(body);
  return { ...rest, build: { ...build, checkRunId: null } };
};

const headersOf = ({ headers }: Received) => headers as Record<string, string>;

test('a push is told in each format when it succeeded, signed with the repository’s own key', async () => {
  const targets = to('/own') + to('/hub', ', format: dockerhub') + to('/chat', ', format: slack');
  const { repo, sha } = await repositoryTelling('told', targets + to('/never', ', on: [failed]'));
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const build = await ended(slipway, sha);
  const [[own], hub, [chat]] = [
    await arrived('/own'),
    await arrived('/hub', 3),
    await arrived('/chat'),
  ];

  const answer = await ask('told', '/api/repos/acme/told/notifications/secret');
  const { secret: key } = (await answer.json()) as { secret: string };
  expect(key).not.toBe(secret);
  for (const request of [own!, ...hub, chat!]) {
    expect(request.headers).toMatchObject({ 'content-type': 'application/json' });
    new Webhook(key).verify(request.body, headersOf(request));
    expect(() => new Webhook(secret).verify(request.body, headersOf(request))).toThrow();
  }
  const { isGenuine } = await documentedCheck();
  expect(isGenuine(key, headersOf(own!), own!.body)).toBe(true);
  expect(isGenuine(key, headersOf(own!), own!.body.replace('succeeded', 'failed'))).toBe(false);
  expect(isGenuine(secret, headersOf(own!), own!.body)).toBe(false);

  const { image, digest, tags } = build;
  expect(digest).toMatch(/^sha256:/);
  const told = JSON.parse(own!.body);
  expect(told).toMatchObject({
    ...{ event: 'build.succeeded', id: own!.headers['webhook-id'], at: build.finishedAt },
    ...{ image, digest, tags, url: build.url, logUrl: `${slipway.url}/api/builds/${build.id}/log` },
    commit: { sha, ref: 'refs/heads/main', message: 'Mend told <!channel>' },
    repository: { id: repo.id, fullName: 'acme/told' },
  });
  expect(withoutCheck(own!).build).toEqual({ ...build, checkRunId: null });
  const hubTags = hub.map(({ body }) => JSON.parse(body).push_data.tag);
  expect(hubTags.sort()).toEqual([sha, 'main', 'latest'].sort());
  expect(new Set(hub.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  expect(JSON.parse(chat!.body).text).toContain('Mend told &lt;!channel&gt;');
  const all = await settled('told', 5);
  expect(all.every(({ state, status }) => state === 'delivered' && status === 204)).toBe(true);
  expect(receiver.at('/never')).toEqual([]);
});

test('each end is told to those who want to hear of it, and to the operator', async () => {
  const targets = to('/all') + to('/all-hub', ', format: dockerhub');
  const some = to('/all-chat', ', format: slack, on: [failed, errored]');
  const { repo, sha } = await repositoryTelling('ends', targets + some);
  for (const state of ['succeeded', 'failed', 'errored', 'cancelled'] as const)
    await ending(repo, sha, state);
  const ends = ['build.cancelled', 'build.errored', 'build.failed', 'build.succeeded'];
  for (const path of ['/all', '/operator']) {
    const events = (await arrived(path, 4)).map(({ body }) => JSON.parse(body).event);
    expect(events.sort()).toEqual(ends);
  }
  const texts = (await arrived('/all-chat', 2)).map(({ body }) => JSON.parse(body).text);
  expect(texts.sort()).toEqual([
    expect.stringMatching(/^:warning: .* errored: It errored\./),
    expect.stringMatching(/^:x: .* failed: It failed\./),
  ]);
  const all = await settled('ends', 11);
  expect(receiver.at('/all-hub')).toHaveLength(1);
  const [operator] = receiver.at('/operator');
  new Webhook(secret).verify(operator!.body, headersOf(operator!));
  const theirs = all.filter(({ from }) => from === 'operator');
  expect(theirs.map(({ answer }) => answer)).toEqual([null, null, null, null]);
});

test('what fails is tried again with the same id, what is gone or private is not', async () => {
  const { port } = receiver;
  const bad = `  - url: http://127.0.0.1:9/?token=repositorys-token\n`;
  const { repo, sha } = await repositoryTelling(
    'again',
    ['/fails', '/busy', '/silent', '/moved', '/endless'].map((path) => to(path)).join('') +
      `  - url: http://127.0.0.1:${port}/gone?key=hushhush\n${bad}`,
  );
  const build = await ending(repo, sha, 'failed');
  const first = await settled('again', 7);
  const of = (all: Notification[], problem: RegExp) =>
    all.find((one) => problem.test(one.problem ?? ''))!;
  const failed = of(first, /^The receiver answered 500\.$/);
  expect(failed).toMatchObject({ state: 'waiting', status: 500, build, host: `127.0.0.1:${port}` });
  const pause = Date.parse(failed.nextAt!) - Date.parse(failed.triedAt!);
  expect(pause).toBeGreaterThanOrEqual(60_000);
  expect(pause).toBeLessThan(75_000);
  const refused = of(first, /ECONNREFUSED/);
  expect(refused).toMatchObject({ state: 'waiting', status: null });
  expect(of(first, /redirects are not followed/)).toMatchObject({ state: 'waiting', status: 307 });
  const silent = of(first, /no whole answer within 10 s/);
  expect(of(first, /wants no more/)).toMatchObject({
    ...{ state: 'failed', status: 410, nextAt: null, answer: 'no /gone?key=… here' },
  });
  for (const one of [failed, silent]) await hurry(one);
  // Of its own accord, when the receiver asks for it.
  for (const path of ['/fails', '/busy', '/silent']) {
    const [one, two] = await arrived(path, 2);
    expect(two!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
    expect(withoutCheck(two!)).toEqual(withoutCheck(one!));
    new Webhook(await keyOf('again')).verify(two!.body, headersOf(two!));
  }
  await until('all three are delivered', async () => {
    const all = await notificationsOf('again');
    return (
      all.filter(({ state, attempts }) => state === 'delivered' && attempts === 2).length === 3
    );
  });
  expect(receiver.at('/elsewhere')).toEqual([]);
  expect(receiver.at('/gone')).toHaveLength(1);
  const endless = (await notificationsOf('again')).find(({ answer }) => answer?.startsWith('xxx'));
  expect(endless).toMatchObject({ state: 'delivered', answer: 'x'.repeat(1_024) });
});

test('no private address is asked that the operator did not allow, however it is written', async () => {
  const hosts = ['127.0.0.2', '2130706434', '[::1]', '[::ffff:127.0.0.2]', '[64:ff9b::7f00:2]'];
  const urls = hosts.map((host) => `http://${host}:${receiver.port}/private`);
  urls.push('https://169.254.169.254/latest/meta-data', 'https://10.0.0.1/');
  const targets = urls.map((url) => `  - url: "${url}"\n`).join('');
  const { repo, sha } = await repositoryTelling('private', targets);
  await ending(repo, sha, 'failed');
  const all = await settled('private', urls.length);
  for (const { state, problem, attempts } of all) {
    expect({ state, attempts }).toEqual({ state: 'failed', attempts: 1 });
    expect(problem).toMatch(/is no public address \(\w+\), and NOTIFY_ALLOW does not name it\.$/);
  }
  expect(receiver.at('/private')).toEqual([]);
});

test('an end while no web process runs, and one that it is killed over, are told all the same', async () => {
  const { repo, sha } = await repositoryTelling('killed', to('/killed'));
  await end(slipway.processes.web, 'SIGKILL');
  await ending(repo, sha, 'failed');
  slipway.processes.web = slipway.startWeb();
  await arrived('/killed');
  await settled('killed', 1);
  expect(receiver.at('/killed')).toHaveLength(1);

  const hung = await repositoryTelling('hung', to('/hung'));
  await ending(hung.repo, hung.sha, 'failed');
  await arrived('/hung');
  await end(slipway.processes.web, 'SIGKILL');
  slipway.processes.web = slipway.startWeb();
  const [one, two] = await arrived('/hung', 2);
  expect(two!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
  expect(withoutCheck(two!)).toEqual(withoutCheck(one!));
});

test('whoever may write sees the notifications and sends one again, and nobody else does', async () => {
  const { repo, sha } = await repositoryTelling('seen', to('/seen'));
  await ending(repo, sha, 'cancelled');
  const [{ id, target }] = (await settled('seen', 1)) as [Notification];
  const api = '/api/repos/acme/seen/notifications';
  const page = '/acme/seen/notifications';
  const shown = await (await ask('seen', page)).text();
  expect(shown).toContain(`build.cancelled to 127.0.0.1:${receiver.port}`);
  expect(shown).toContain(target);
  expect(shown).not.toMatch(/repositorys-token|\/seen\?/);

  expect((await ask('seen', `${api}/${id}/resend`, { method: 'POST' })).status).toBe(202);
  await arrived('/seen', 2);
  const pressed = await ask('seen', `${page}/${id}/resend`, { method: 'POST' });
  expect(pressed.status).toBe(303);
  expect(pressed.headers.get('location')).toBe(page);
  const all = await arrived('/seen', 3);
  expect(new Set(all.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
  await until('three tries are written down', async () => {
    const [one] = await notificationsOf('seen');
    return one?.attempts === 3 && one.state === 'delivered';
  });

  for (const [path, method] of [
    [api, 'GET'],
    [`${api}/secret`, 'GET'],
    [`${api}/${id}/resend`, 'POST'],
    [page, 'GET'],
    [`${page}/${id}/resend`, 'POST'],
  ] as const) {
    expect((await ask('seen', path, { access: 'read', method })).status).toBe(403);
    expect((await ask('none', path, { access: 'write', method })).status).toBe(403);
  }
  expect((await ask('seen', `${api}/n0/resend`, { method: 'POST' })).status).toBe(404);
  expect((await ask('missing', '/api/repos/acme/missing/notifications')).status).toBe(404);
  expect(receiver.at('/seen')).toHaveLength(3);
});

test('no URL of a target was ever in Redis, and the tries are counted', async () => {
  const files = await readdir(slipway.redisFolder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')),
  );
  const everything = texts.join('\n');
  expect(everything).toContain('slipway}:due:notifications');
  expect(everything).not.toMatch(/repositorys-token|operators-token|hushhush|whsec_/);
  expect(await redis.zcard(keys.dueNotifications)).toBe(0);
  const metrics = await (await fetch(`${slipway.url}/metrics`)).text();
  expect(metrics).toMatch(
    /slipway_notifications_total\{format="slipway",outcome="delivered"\} [1-9]/,
  );
});

async function keyOf(name: string): Promise<string> {
  const answer = await ask(name, `/api/repos/acme/${name}/notifications/secret`);
  return ((await answer.json()) as { secret: string }).secret;
}

/** The check of a signature that docs/notifications.md shows. */
async function documentedCheck(): Promise<{
  isGenuine: (secret: string, headers: Record<string, string>, body: string) => boolean;
}> {
  const page = await readFile(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
  const [, code = ''] = /^```js\n(.*?)^```/ms.exec(page) ?? [];
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}
