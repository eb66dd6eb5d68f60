import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { Webhook } from 'standardwebhooks';
import type { Notification } from '../../queue/notifications.ts';
import { closeQueues, openQueues, type Queues } from '../../queue/queues.ts';
import { headersOf, type NotifyScene, startNotifyScene, withoutCheck } from './notify-scene.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let folder: string;
let receiver: Receiver;
let overTls: Receiver;
let scene: NotifyScene;
let queues: Queues;

beforeAll(async () => {
  receiver = await startReceiver({
    '/fails': (response, nth) => response.writeHead(nth === 1 ? 500 : 200).end(),
    '/busy': (response, nth) =>
      response.writeHead(nth === 1 ? 503 : 200, { 'retry-after': '1' }).end(),
    '/silent': (response, nth) => nth > 1 && response.writeHead(200).end(),
    '/hung': (response, nth) => nth > 1 && response.writeHead(200).end(),
    '/gone': (response) => response.writeHead(410).end('no /gone?key=hushhush here'),
    '/moved': (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
    '/endless': (response) => {
      const more = () => response.destroyed || response.write('x'.repeat(10_000), more);
      response.writeHead(200);
      more();
    },
  });
  folder = await mkdtemp(join(tmpdir(), 'slipway-notify-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const names = ['-subj', '/CN=Receiver', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert];
  await execa('openssl', ['req', ...made, ...names]);
  overTls = await startReceiver(
    {},
    { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') },
  );
  scene = await startNotifyScene(receiver, {
    NOTIFY_ALLOW: '127.0.0.1,localhost',
    NOTIFY_URL: `acme/away=http://127.0.0.1:${receiver.port}/operator`,
    NODE_EXTRA_CA_CERTS: cert,
  });
  queues = openQueues(scene.store.redis, scene.store.keys);
  // It takes its time, while other tests go on.
  const { repo, sha } = await scene.repositoryTelling('silent', scene.to('/silent'));
  await scene.ending(repo, sha, 'failed');
});
afterAll(async () => {
  await closeQueues(queues);
  const { violations, written } = await scene.stop();
  await overTls.close();
  await rm(folder, { recursive: true });
  expect(violations).toEqual([]);
  expect(written.match(/Given up/g)).toHaveLength(8);
  expect(written.match(/repositorys-token|hushhush/g)).toBeNull();
});

/** Does what the pause before the next try does when it is over. */
async function hurry({ id }: { id: string }): Promise<void> {
  const job = await until('it waits for its next try', async () => {
    const found = await queues.notifications.getJob(id);
    return (await found?.isDelayed()) ? found : undefined;
  });
  await job.promote();
}

test('what fails is tried again with the same id, what is gone or private is not', async () => {
  const { port } = receiver;
  const bad = `  - url: http://127.0.0.1:9/?token=repositorys-token\n`;
  const { repo, sha } = await scene.repositoryTelling(
    'again',
    ['/fails', '/busy', '/moved', '/endless'].map((path) => scene.to(path)).join('') +
      `  - url: http://127.0.0.1:${port}/gone?key=hushhush\n${bad}`,
  );
  const build = await scene.ending(repo, sha, 'failed');
  const first = await scene.tried('again', 6);
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
  expect(of(first, /wants no more/)).toMatchObject({
    ...{ state: 'failed', status: 410, nextAt: null, answer: 'no /gone?key=… here' },
  });
  await hurry(failed);
  // Of its own accord, when the receiver asks for it.
  for (const path of ['/fails', '/busy']) {
    const [one, two] = await scene.arrived(path, 2);
    expect(two!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
    expect(withoutCheck(two!)).toEqual(withoutCheck(one!));
    new Webhook(await scene.keyOf('again')).verify(two!.body, headersOf(two!));
  }
  await until('both are delivered', async () => {
    const all = await scene.notificationsOf('again');
    return (
      all.filter(({ state, attempts }) => state === 'delivered' && attempts === 2).length === 2
    );
  });
  expect(receiver.at('/elsewhere')).toEqual([]);
  expect(receiver.at('/gone')).toHaveLength(1);
  const endless = (await scene.notificationsOf('again')).find(({ answer }) =>
    answer?.startsWith('xxx'),
  );
  expect(endless).toMatchObject({ state: 'delivered', answer: 'x'.repeat(1_024) });
});

test('no private address is asked that the operator did not allow, however it is written', async () => {
  const hosts = ['127.0.0.2', '2130706434', '[::1]', '[::ffff:127.0.0.2]', '[64:ff9b::7f00:2]'];
  const urls = hosts.map((host) => `http://${host}:${receiver.port}/private`);
  urls.push('https://169.254.169.254/latest/meta-data', 'https://10.0.0.1/');
  const targets = urls.map((url) => `  - url: "${url}"\n`).join('');
  const { repo, sha } = await scene.repositoryTelling('private', targets);
  await scene.ending(repo, sha, 'failed');
  const all = await scene.tried('private', urls.length);
  for (const { state, problem, attempts } of all) {
    expect({ state, attempts }).toEqual({ state: 'failed', attempts: 1 });
    expect(problem).toMatch(/is no public address \(\w+\), and NOTIFY_ALLOW does not name it\.$/);
  }
  expect(receiver.at('/private')).toEqual([]);
});

test('who is silent for 10 seconds is asked again, with the same id', async () => {
  const [silent] = await scene.tried('silent', 1);
  expect(silent).toMatchObject({
    ...{ state: 'waiting', status: null },
    problem: 'There was no whole answer within 10 s.',
  });
  await hurry(silent!);
  const [one, two] = await scene.arrived('/silent', 2);
  expect(two!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
});

test('the operator is told while GitHub is away, and the others once it is back', async () => {
  const { repo, sha } = await scene.repositoryTelling('away', scene.to('/away'));
  const { redis, keys } = scene.store;
  const back = scene.slipway.github.fault({
    match: 'GET /repos/acme/away/contents/**',
    status: 503,
  });
  const id = await scene.ending(repo, sha, 'failed');
  await scene.arrived('/operator');
  expect(await redis.zscore(keys.dueNotifications, id)).not.toBeNull();
  back();
  expect(receiver.at('/away')).toEqual([]);
  // It would be looked at again within the minute.
  await redis.zadd(keys.dueNotifications, Date.now(), id);
  await scene.arrived('/away');
  expect(receiver.at('/operator')).toHaveLength(1);
});

test('an end while no web process runs, and one that it is killed over, are told all the same', async () => {
  const { repo, sha } = await scene.repositoryTelling('killed', scene.to('/killed'));
  await scene.withoutWeb(() => scene.ending(repo, sha, 'failed'));
  await scene.arrived('/killed');
  await scene.tried('killed', 1);
  expect(receiver.at('/killed')).toHaveLength(1);

  const hung = await scene.repositoryTelling('hung', scene.to('/hung'));
  await scene.ending(hung.repo, hung.sha, 'failed');
  await scene.arrived('/hung');
  await scene.withoutWeb();
  const [one, two] = await scene.arrived('/hung', 2);
  expect(two!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
  expect(withoutCheck(two!)).toEqual(withoutCheck(one!));
});

test('a certificate has to be for the name in the URL', async () => {
  const { port } = overTls;
  const targets = ['localhost', '127.0.0.1'].map(
    (host) => `  - url: https://${host}:${port}/tls\n`,
  );
  const { repo, sha } = await scene.repositoryTelling('tls', targets.join(''));
  await scene.ending(repo, sha, 'failed');
  const all = await scene.tried('tls', 2);
  const stateOf = (host: string) => all.find((one) => one.host === `${host}:${port}`);
  expect(stateOf('localhost')).toMatchObject({ state: 'delivered', status: 204 });
  expect(stateOf('127.0.0.1')).toMatchObject({
    ...{ state: 'waiting', status: null },
    problem: expect.stringMatching(/certificate/),
  });
  expect(overTls.at('/tls')).toHaveLength(1);
});
