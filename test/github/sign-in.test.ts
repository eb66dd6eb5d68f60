import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GitHub, startGitHub } from './github.ts';

let github: GitHub;
const callback = 'http://127.0.0.1:1/callback';
const verifier = 'v'.repeat(43);

beforeAll(async () => {
  github = await startGitHub({ webhookSecret: 'secret' });
});

afterAll(() => github.close());

const visit = async (): Promise<URL | null> => {
  const query = new URLSearchParams({
    client_id: github.clientId,
    redirect_uri: callback,
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const url = `${github.url}/login/oauth/authorize?${query}`;
  const answer = await fetch(url, { redirect: 'manual' });
  const location = answer.headers.get('location');
  return location === null ? null : new URL(location);
};

const exchange = async (more: Record<string, string>): Promise<Record<string, string>> => {
  const body = new URLSearchParams({
    client_id: github.clientId,
    client_secret: github.clientSecret,
    ...more,
  });
  const headers = { accept: 'application/json' };
  const url = `${github.url}/login/oauth/access_token`;
  const answer = await fetch(url, { method: 'POST', body, headers });
  return (await answer.json()) as Record<string, string>;
};

const codeOf = async (): Promise<string> => (await visit())?.searchParams.get('code') ?? '';

test('whoever is at the browser gets a token by a code and its verifier, once', async () => {
  expect(await visit()).toBeNull();
  github.signInAs('alice');
  const back = await visit();
  expect(back?.searchParams.get('state')).toBe('s');
  const code = back?.searchParams.get('code') ?? '';
  const { access_token: token } = await exchange({ code, code_verifier: verifier });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${github.url}/api/v3/user`, { headers });
  expect(await answer.json()).toMatchObject({ login: 'alice' });
  expect(await exchange({ code, code_verifier: verifier })).toEqual({
    error: 'bad_verification_code',
  });
  expect(github.violations).toEqual([]);
});

test('a wrong verifier and a used refresh token are refused', async () => {
  github.signInAs('alice');
  const wrong = await exchange({ code: await codeOf(), code_verifier: 'wrong' });
  expect(wrong).toEqual({ error: 'bad_verification_code' });
  const first = await exchange({ code: await codeOf(), code_verifier: verifier });
  const refresh = () =>
    exchange({ grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' });
  expect(await refresh()).toMatchObject({ access_token: expect.stringMatching(/^ghu_/) });
  expect(await refresh()).toEqual({ error: 'bad_refresh_token' });
});

test('a person lists the repositories that the App is installed on and that are shared with them', async () => {
  await github.createRepository('acme', 'shared', { private: true });
  await github.createRepository('acme', 'secret', { private: true });
  await github.createRepository('acme', 'open');
  await github.createRepository('other', 'secret', { private: true });
  const { token } = github.user('alice', { access: { 'acme/shared': 'read' } });
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${github.url}/api/v3/user/installations${path}`, { headers })).json();
  };
  const { installations } = (await ask('')) as { installations: { id: number }[] };
  expect(installations).toMatchObject([{ account: { login: 'acme' } }]);
  const { repositories } = await ask(`/${installations[0]?.id}/repositories`);
  expect(repositories).toMatchObject([{ full_name: 'acme/shared' }]);
  expect(github.violations).toEqual([]);
});

test('the App revokes a token by its client’s secret, once', async () => {
  const { token } = github.user('alice');
  const revoke = (secret: string) =>
    fetch(`${github.url}/api/v3/applications/${github.clientId}/token`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${btoa(`${github.clientId}:${secret}`)}` },
      body: JSON.stringify({ access_token: token }),
    });
  expect((await revoke('wrong')).status).toBe(401);
  expect((await revoke(github.clientSecret)).status).toBe(204);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${github.url}/api/v3/user`, { headers })).status).toBe(401);
  expect((await revoke(github.clientSecret)).status).toBe(404);
  expect(github.violations).toEqual([]);
});

test('a posted manifest comes back as a code for the App’s secrets, once', async () => {
  const manifest = { name: 'Slipway', redirect_url: 'http://127.0.0.1:1/setup' };
  const body = new URLSearchParams({ manifest: JSON.stringify(manifest) });
  const url = `${github.url}/settings/apps/new?state=x`;
  const posted = await fetch(url, { method: 'POST', body, redirect: 'manual' });
  const back = new URL(posted.headers.get('location') ?? '');
  expect(back.searchParams.get('state')).toBe('x');
  expect(github.manifests).toEqual([manifest]);
  const convert = () =>
    fetch(`${github.url}/api/v3/app-manifests/${back.searchParams.get('code')}/conversions`, {
      method: 'POST',
    });
  const answer = await convert();
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({
    id: github.appId,
    pem: github.privateKey,
    webhook_secret: 'secret',
  });
  expect((await convert()).status).toBe(404);
});
