import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { Notification } from '../../queue/notifications.ts';
import { ended } from './builds.ts';
import {
  headersOf,
  type NotifyScene,
  secret,
  startNotifyScene,
  withoutCheck,
} from './notify-scene.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let receiver: Receiver;
let scene: NotifyScene;

beforeAll(async () => {
  receiver = await startReceiver();
  const url = `http://127.0.0.1:${receiver.port}/operator?token=operators-token`;
  scene = await startNotifyScene(receiver, { NOTIFY_URL: `acme/ends=${url}` });
});
afterAll(async () => {
  const { violations, written } = await scene.stop();
  expect(violations).toEqual([]);
  // The files are the right ones, and hold no secret.
  expect(written.includes('slipway}:due:notifications')).toBe(true);
  expect(written.match(/repositorys-token|operators-token|whsec_/g)).toBeNull();
});

test('a push is told in each format when it succeeded, signed with the repository’s own key', async () => {
  const targets =
    scene.to('/own') +
    scene.to('/hub', ', format: dockerhub') +
    scene.to('/chat', ', format: slack');
  const { repo, sha } = await scene.repositoryTelling(
    'told',
    targets + scene.to('/never', ', on: [failed]'),
  );
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const build = await ended(scene.slipway, sha);
  const [[own], hub, [chat]] = [
    await scene.arrived('/own'),
    await scene.arrived('/hub', 3),
    await scene.arrived('/chat'),
  ];

  const answer = await scene.ask('told', '/api/repos/acme/told/notifications/secret');
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
    ...{
      image,
      digest,
      tags,
      url: build.url,
      logUrl: `${scene.slipway.url}/api/builds/${build.id}/log`,
    },
    commit: { sha, ref: 'refs/heads/main', message: 'Mend told <!channel>' },
    repository: { id: repo.id, fullName: 'acme/told' },
  });
  expect(withoutCheck(own!).build).toEqual({ ...build, checkRunId: null });
  const hubTags = hub.map(({ body }) => JSON.parse(body).push_data.tag);
  expect(hubTags.sort()).toEqual([sha, 'main', 'latest'].sort());
  expect(new Set(hub.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  expect(JSON.parse(chat!.body).text).toContain('Mend told &lt;!channel&gt;');
  const all = await scene.tried('told', 5);
  expect(all.every(({ state, status }) => state === 'delivered' && status === 204)).toBe(true);
  expect(receiver.at('/never')).toEqual([]);
});

test('each end is told to those who want to hear of it, and to the operator', async () => {
  const targets = scene.to('/all') + scene.to('/all-hub', ', format: dockerhub');
  const some = scene.to('/all-chat', ', format: slack, on: [failed, errored]');
  const { repo, sha } = await scene.repositoryTelling('ends', targets + some);
  for (const state of ['succeeded', 'failed', 'errored', 'cancelled'] as const)
    await scene.ending(repo, sha, state);
  const ends = ['build.cancelled', 'build.errored', 'build.failed', 'build.succeeded'];
  for (const path of ['/all', '/operator']) {
    const events = (await scene.arrived(path, 4)).map(({ body }) => JSON.parse(body).event);
    expect(events.sort()).toEqual(ends);
  }
  const texts = (await scene.arrived('/all-chat', 2)).map(({ body }) => JSON.parse(body).text);
  expect(texts.sort()).toEqual([
    expect.stringMatching(/^:warning: .* errored: It errored\./),
    expect.stringMatching(/^:x: .* failed: It failed\./),
  ]);
  const all = await scene.tried('ends', 11);
  expect(receiver.at('/all-hub')).toHaveLength(1);
  const [operator] = receiver.at('/operator');
  new Webhook(secret).verify(operator!.body, headersOf(operator!));
  const theirs = all.filter(({ from }) => from === 'operator');
  expect(theirs.map(({ answer }) => answer)).toEqual([null, null, null, null]);
});

test('whoever may write sees the notifications and sends one again, and nobody else does', async () => {
  const { repo, sha } = await scene.repositoryTelling('seen', scene.to('/seen'));
  await scene.ending(repo, sha, 'cancelled');
  const [{ id, target }] = (await scene.tried('seen', 1)) as [Notification];
  const api = '/api/repos/acme/seen/notifications';
  const page = '/acme/seen/notifications';
  const shown = await (await scene.ask('seen', page)).text();
  expect(shown).toContain(`build.cancelled to 127.0.0.1:${receiver.port}`);
  expect(shown).toContain(target);
  expect(shown).not.toMatch(/repositorys-token|\/seen\?/);

  expect((await scene.ask('seen', `${api}/${id}/resend`, { method: 'POST' })).status).toBe(202);
  await scene.arrived('/seen', 2);
  const pressed = await scene.ask('seen', `${page}/${id}/resend`, { method: 'POST' });
  expect(pressed.status).toBe(303);
  expect(pressed.headers.get('location')).toBe(page);
  const all = await scene.arrived('/seen', 3);
  expect(new Set(all.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
  await until('three tries are written down', async () => {
    const [one] = await scene.notificationsOf('seen');
    return one?.attempts === 3 && one.state === 'delivered';
  });

  for (const [path, method] of [
    [api, 'GET'],
    [`${api}/secret`, 'GET'],
    [`${api}/${id}/resend`, 'POST'],
    [page, 'GET'],
    [`${page}/${id}/resend`, 'POST'],
  ] as const) {
    expect((await scene.ask('seen', path, { access: 'read', method })).status).toBe(403);
    expect((await scene.ask('none', path, { access: 'write', method })).status).toBe(403);
  }
  expect((await scene.ask('seen', `${api}/n0/resend`, { method: 'POST' })).status).toBe(404);
  expect((await scene.ask('missing', '/api/repos/acme/missing/notifications')).status).toBe(404);
  expect(receiver.at('/seen')).toHaveLength(3);
});

test('the tries are counted, and nothing stays due', async () => {
  const { store, slipway } = scene;
  expect(await store.redis.zcard(store.keys.dueNotifications)).toBe(0);
  const metrics = await (await fetch(`${slipway.url}/metrics`)).text();
  const delivered = 'slipway_notifications_total{format="slipway",outcome="delivered"} ';
  expect(Number(metrics.split(delivered)[1]?.split('\n')[0])).toBeGreaterThanOrEqual(12);
  expect(metrics).toContain('slipway_notifications_total{format="slack",outcome="retried"} 0');
});

test('the page about the API has every field of a notification, and no other', async () => {
  const page = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## Notifications\n(.*?)^## /ms.exec(page) ?? [];
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const [one] = await scene.notificationsOf('told');
  expect(named.sort()).toEqual(Object.keys(one!).sort());
});

/** The check of a signature that docs/notifications.md shows. */
async function documentedCheck(): Promise<{
  isGenuine: (secret: string, headers: Record<string, string>, body: string) => boolean;
}> {
  const page = await readFile(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
  const [, code = ''] = /^```js\n(.*?)^```/ms.exec(page) ?? [];
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}
