import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getManifest, manifestDigest, putManifest } from '../../../worker/registry/manifests.ts';
import type { RegistryAuth } from '../../../worker/registry/registry-auth.ts';
import { registryClient } from '../../../worker/registry/registry-client.ts';
import { RegistryError } from '../../../worker/registry/registry-error.ts';
import { askTokenService } from '../../../worker/registry/token-service.ts';
import { uniqueName } from '../engine/real-engine.ts';
import { freePort, startRegistry } from '../engine/real-registry.ts';
import { type GuardedRegistry, startGuardedRegistry } from './guarded-registry.ts';
import { type PlantedImage, plantImage } from './plant-image.ts';
import { endServers, serve } from './serve.ts';

const registry = process.env.SLIPWAY_TEST_REGISTRY!;
const { signal } = new AbortController();
const login = { username: 'slipway', password: 'right: horse' };
const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;

afterEach(endServers);

const clientOf = (auth: RegistryAuth, timeoutMs?: number) =>
  registryClient({ credentials: async () => auth, ...(timeoutMs && { timeoutMs }) });
const ask = (host: string, auth: RegistryAuth = {}, timeoutMs?: number) =>
  manifestDigest(clientOf(auth, timeoutMs), `${host}/x`, 'main', signal);
const thrownBy = (asking: Promise<unknown>): Promise<RegistryError> =>
  asking.then(
    () => Promise.reject(new Error('Nothing was thrown')),
    (error) => error,
  );

describe('a registry with passwords', () => {
  test('takes the right one, refuses the wrong one and nobody', async () => {
    const { host, stop } = await startRegistry(await freePort(), login);
    try {
      expect(await ask(host, login)).toBeNull();
      expect(await ask(host, { ...login, serveraddress: host })).toBeNull();
      for (const auth of [
        { ...login, password: 'wrong horse' },
        {},
        { identitytoken: 'refresh' },
      ]) {
        const error = await thrownBy(ask(host, auth));
        expect(error).toBeInstanceOf(RegistryError);
        expect(error).toMatchObject({ status: 401, isFinal: true, retryAfter: null });
        const said = `${host} answers HEAD /v2/x/manifests/main with 401 Unauthorized`;
        expect(error.message).toBe(said);
      }
    } finally {
      await stop();
    }
  });

  test('never sees those of another registry', async () => {
    const seen: unknown[] = [];
    const host = await serve(({ headers }, response) => {
      seen.push(headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    await expect(ask(host, { ...login, serveraddress: 'other.example' })).rejects.toThrow(/401/);
    expect(seen).toEqual([undefined]);
  });
});

describe('a registry with a token service', () => {
  let guarded: GuardedRegistry;
  let planted: PlantedImage;
  let image: string;
  let lasts: number;

  beforeEach(async () => {
    lasts = 300;
    guarded = await startGuardedRegistry(registry, (token) =>
      token.endsWith('1') ? { token, expires_in: lasts } : { access_token: token },
    );
    planted = await plantImage(registry, uniqueName('tokens'), 'main');
    image = planted.image.replace(registry, guarded.host);
  });
  afterEach(() => guarded.stop());

  test('is asked once for each scope, as nobody', async () => {
    const client = clientOf({});
    for (let times = 0; times < 3; times += 1)
      expect(await manifestDigest(client, image, 'main', signal)).toBe(planted.digest);
    const path = image.split('/')[1];
    const url = `/token?service=the+registry&scope=repository%3A${path}%3Apull`;
    expect(guarded.questions).toEqual([{ method: 'GET', url, authorization: undefined, body: '' }]);
    for (const tag of ['v1', 'v2']) await putManifest(client, image, tag, planted, signal);
    expect(guarded.questions.map((question) => question.url)).toEqual([url, `${url}%2Cpush`]);
  });

  test('is shown the password, and the registry is not', async () => {
    expect(await manifestDigest(clientOf(login), image, 'main', signal)).toBe(planted.digest);
    expect(guarded.questions).toMatchObject([{ method: 'GET', authorization: basic }]);
    expect(guarded.questions[0]!.url).not.toContain('horse');
  });

  test('is sent an identity token in the body', async () => {
    const client = clientOf({ username: 'u', identitytoken: 'refresh&me' });
    expect(await manifestDigest(client, image, 'main', signal)).toBe(planted.digest);
    expect(guarded.questions).toMatchObject([
      { method: 'POST', url: '/token', authorization: undefined },
    ]);
    expect(Object.fromEntries(new URLSearchParams(guarded.questions[0]!.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'slipway',
      service: 'the registry',
      scope: `repository:${image.split('/')[1]}:pull`,
      refresh_token: 'refresh&me',
    });
  });

  test('is asked again when a token has run out or is worth nothing any more', async () => {
    lasts = 1;
    const client = clientOf({});
    await manifestDigest(client, image, 'main', signal);
    await sleep(900);
    await manifestDigest(client, image, 'main', signal);
    expect(guarded.questions).toHaveLength(2);
    await manifestDigest(client, image, 'main', signal);
    expect(guarded.questions).toHaveLength(2);
    guarded.revoke();
    expect(await manifestDigest(client, image, 'main', signal)).toBe(planted.digest);
    expect(guarded.questions).toHaveLength(3);
  });

  test('is not asked by who has a token for the registry', async () => {
    const error = await thrownBy(
      manifestDigest(clientOf({ registrytoken: 'sent-as-it-is' }), image, 'main', signal),
    );
    expect(error).toMatchObject({ status: 401, isFinal: true });
    expect(guarded.questions).toEqual([]);
    const host = await serve(({ headers }, response) => {
      const isGood = headers.authorization === 'Bearer sent-as-it-is';
      const challenge = `Bearer realm="http://${guarded.host}/token"`;
      response.writeHead(isGood ? 404 : 401, { 'www-authenticate': challenge }).end();
    });
    expect(await ask(host, { registrytoken: 'sent-as-it-is' })).toBeNull();
  });
});

describe('a token service', () => {
  const wish = { scope: 'repository:x:pull', timeoutMs: 1000, signal };
  const token = (realm: string, host: string) =>
    askTokenService({ scheme: 'bearer', realm }, login, { ...wish, host });

  test('is never asked in plain HTTP but from this machine for this machine', async () => {
    const asked: string[] = [];
    const host = await serve((request, response) => {
      asked.push(request.url!);
      response.end('{"token":"t"}');
    });
    for (const realm of [`http://${host}/token`, 'ftp://a.example', '/token', ''])
      expect(await thrownBy(token(realm, 'registry.example'))).toMatchObject({
        isFinal: true,
        message: 'registry.example names a token service that is not reached by https',
      });
    await expect(token('http://auth.example/token', host)).rejects.toThrow(/not reached by https/);
    await expect(token(`http://a:b@${host}/token`, host)).rejects.toThrow(/not reached by https/);
    expect(asked).toEqual([]);
    expect((await token(`http://${host}/token`, host)).header).toBe('Bearer t');
  });

  test.each([
    [
      'refuses',
      403,
      '{"details":"no access for right: horse"}',
      /403 Forbidden: no access for \*\*\*$/,
    ],
    ['is busy', 429, '', /answers GET \/token with 429 Too Many Requests$/],
    ['says nothing of use', 200, '<html>horse</html>', /did not answer with a token$/],
    ['says too much', 200, 'x'.repeat(70_000), /answers with more than 64 KiB$/],
  ])('that %s is told', async (_, status, body, message) => {
    const host = await serve((_request, response) => response.writeHead(status).end(body));
    const error = await thrownBy(token(`http://${host}/token`, host));
    expect(error.message).toMatch(message);
    expect(`${error.message}${error.cause}`).not.toContain('horse');
  });
});

describe('a redirect', () => {
  test('is followed, but takes no credentials to another host', async () => {
    const seen: unknown[] = [];
    const digest = `sha256:${'1'.repeat(64)}`;
    const storage = await serve(({ headers }, response) => {
      seen.push(headers.authorization);
      response.writeHead(200, { 'docker-content-digest': digest }).end();
    });
    const host = await serve(({ headers, url }, response) => {
      const location = url!.endsWith('/main') ? '/again' : `http://${storage}/blob?signed=secret`;
      if (headers.authorization === basic) response.writeHead(307, { location }).end();
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    expect(await ask(host, login)).toBe(digest);
    expect(seen).toEqual([undefined]);
  });

  test('to a host that wants a password gets none', async () => {
    const asked: unknown[] = [];
    const storage = await serve(({ url, headers }, response) => {
      asked.push([url, headers.authorization]);
      const challenge = `Bearer realm="http://${headers.host}/token", Basic realm="x"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    const location = `http://${storage}/blob?signed=secret`;
    const host = await serve((_, response) => response.writeHead(307, { location }).end());
    const error = await thrownBy(ask(host, login));
    expect(error.status).toBe(401);
    expect(error.message).not.toContain('signed');
    expect(asked).toEqual([['/blob?signed=secret', undefined]]);
  });

  test('to plain HTTP elsewhere, or in a circle, is not followed', async () => {
    const away = await serve((_, response) =>
      response.writeHead(302, { location: 'http://storage.example/?signed=secret' }).end(),
    );
    await expect(ask(away)).rejects.toThrow(`${away} must not redirect to storage.example`);
    const circle = await serve((_, response) => response.writeHead(302, { location: '/x' }).end());
    await expect(ask(circle)).rejects.toThrow(`${circle} redirects too often`);
  });

  test('of a PUT is an error', async () => {
    const host = await serve((request, response) => {
      request.resume();
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const manifest = { mediaType: 'a/b', body: Buffer.from('{}') };
    const put = putManifest(clientOf({}), `${host}/x`, 'main', manifest, signal);
    expect(await thrownBy(put)).toMatchObject({ status: 307, isFinal: true });
  });
});

describe('a registry that does not do what it is asked', () => {
  test.each([
    [400, {}, true, null],
    [403, {}, true, null],
    [405, {}, true, null],
    [413, { 'retry-after': '1' }, true, 1000],
    [429, { 'retry-after': '2' }, false, 2000],
    [503, { 'retry-after': '86400' }, false, 300_000],
    [503, { 'retry-after': 'soon' }, false, null],
    [500, {}, false, null],
  ])('with %d %j', async (status, headers, isFinal, retryAfter) => {
    const host = await serve((_, response) => response.writeHead(status, headers).end());
    expect(await thrownBy(ask(host))).toMatchObject({ status, isFinal, retryAfter });
  });

  test('is quoted, but not with what it was sent', async () => {
    const host = await serve(({ headers }, response) => {
      const errors = [
        { code: 'DENIED', message: `no\n${headers.authorization} and ${login.password}` },
      ];
      const isAsked = !!headers.authorization;
      response.writeHead(isAsked ? 403 : 401, { 'www-authenticate': 'Basic realm="x"' });
      response.end(JSON.stringify({ errors }));
    });
    const manifest = { mediaType: 'a/b', body: Buffer.from('{}') };
    const put = putManifest(clientOf(login), `${host}/x`, 'main', manifest, signal);
    const { message } = await thrownBy(put);
    expect(message).toMatch(/with 403 Forbidden: no Basic \*\*\* and \*\*\*$/);
  });

  test('because nobody is there', async () => {
    const host = `localhost:${await freePort()}`;
    const error = await thrownBy(ask(host));
    expect(error).toMatchObject({ status: null, isFinal: false, retryAfter: null });
    expect(error.message).toBe(`${host} does not answer: the connection was refused`);
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('in time, from its first word to its last', async () => {
    const silent = await serve(() => {});
    const message = (host: string) => `${host} does not answer: it took longer than 0.3 s`;
    await expect(ask(silent, {}, 300)).rejects.toThrow(message(silent));
    const slow = await serve((_, response) => {
      response.writeHead(500, { 'content-length': '10' });
      const drip = setInterval(() => response.write('x'), 100);
      response.on('close', () => clearInterval(drip));
    });
    const got = getManifest(clientOf({}, 300), `${slow}/x`, 'main', signal);
    await expect(got).rejects.toThrow(message(slow));
  });

  test('is left at once on an abort', async () => {
    const host = await serve(() => {});
    const stop = new AbortController();
    const reason = new Error('Cancelled by somebody');
    setTimeout(() => stop.abort(reason), 200);
    const asking = manifestDigest(clientOf({}), `${host}/x`, 'main', stop.signal);
    await expect(asking).rejects.toBe(reason);
    await expect(manifestDigest(clientOf({}), `${host}/x`, 'main', stop.signal)).rejects.toBe(
      reason,
    );
  });

  test('because it sends more than a manifest can be', async () => {
    const host = await serve(({ method }, response) =>
      response.end(method === 'GET' ? Buffer.alloc(4 * 1024 * 1024 + 1) : undefined),
    );
    expect(await thrownBy(ask(host))).toMatchObject({
      message: `${host} answers with more than 4096 KiB`,
      isFinal: true,
    });
  });
});

test('a remote registry is never asked in plain HTTP', async () => {
  const asked: string[] = [];
  const host = await serve((request, response) => {
    asked.push(request.url!);
    response.end();
  });
  // A name of this machine that does not say so.
  const error = await thrownBy(ask(`127.0.0.1.nip.invalid:${host.split(':')[1]}`));
  expect(error).toMatchObject({ status: null, isFinal: false });
  expect(asked).toEqual([]);
});
