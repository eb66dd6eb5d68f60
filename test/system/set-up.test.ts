import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { freePort } from '../../bin/embedded/free-port.ts';
import { startRedis } from '../../bin/embedded/redis.ts';
import { type GitHub, startGitHub } from '../github/github.ts';
import { end, type Process, run } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

type Web = { url: string; process: Process };

let folder: string;
let redis: Awaited<ReturnType<typeof startRedis>>;
let github: GitHub;
let onGitHub: Web;
let onEnterprise: Web;
const file = () => join(folder, 'enterprise', 'github-app.env');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-set-up-'));
  redis = await startRedis({ folder: join(folder, 'redis') });
  github = await startGitHub({ webhookSecret: 'from-github' });
  onGitHub = await startWeb('github', { PUBLIC_URL: 'https://slipway.example.com' });
  onEnterprise = await startWeb('enterprise', { GHE_HOST: github.host, GHE_PROTOCOL: 'http' });
});
afterAll(async () => {
  for (const { process } of [onGitHub, onEnterprise]) await end(process, 'SIGKILL');
  const { violations } = github;
  await github.close();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
  expect(violations).toEqual([]);
});

/** The web process of a machine without a GitHub App. */
async function startWeb(name: string, env: Record<string, string>): Promise<Web> {
  const port = await freePort();
  const process = run('app', {
    PATH: globalThis.process.env.PATH ?? '',
    LOCAL_REMOTE: 'true',
    REDIS_URL: redis.url,
    REGISTRY: 'localhost:5000',
    DATA_DIR: join(folder, name),
    PORT: String(port),
    ...env,
  });
  const url = `http://localhost:${port}`;
  await until('web is ready', async () => (await fetch(`${url}/readyz`)).ok);
  return { url, process };
}

/** What a browser finds on the page: where its form goes, with what, and its cookie. */
async function openSetUp({ url }: Web, query = '') {
  const answer = await fetch(`${url}/setup${query}`);
  const page = await answer.text();
  const unescaped = (text = '') => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return {
    ...{ status: answer.status, page },
    action: unescaped(/method="post" action="([^"]*)"/.exec(page)?.[1]),
    manifest: unescaped(/name="manifest" value="([^"]*)"/.exec(page)?.[1]),
    cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
    cookieRules: answer.headers.get('set-cookie'),
  };
}

/** Submits the form as a browser would, up to where GitHub sends the browser back to. */
async function onToGitHub({ action, manifest }: { action: string; manifest: string }) {
  const body = new URLSearchParams({ manifest });
  const answer = await fetch(action, { method: 'POST', body, redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

const backWith = (location: string, cookie: string) => fetch(location, { headers: { cookie } });

const conversions = () => github.requests.filter(({ path }) => path.endsWith('/conversions'));

test('without a GitHub App the first page says how to begin, and the checks that nothing is amiss', async () => {
  const home = await (await fetch(onGitHub.url)).text();
  expect(home).toContain(`git push ${onGitHub.url}/git/&lt;owner&gt;/&lt;repo&gt;.git`);
  expect(home).toContain('<a href="/setup">set up GitHub</a>');
  const checks = await (await fetch(`${onGitHub.url}/setup/checks`)).text();
  expect(checks).toContain('None yet: pushes come by the local remote.');
  const proxied = { headers: { 'x-forwarded-for': '192.0.2.1' } };
  expect((await fetch(`${onGitHub.url}/setup/checks`, proxied)).status).toBe(403);
});

test('the form asks GitHub for what app.yml says, for a person or an organization', async () => {
  const own = await openSetUp(onGitHub);
  expect(own.action).toMatch(/^https:\/\/github\.com\/settings\/apps\/new\?state=[\w-]{43}$/);
  expect(own.cookieRules).toMatch(
    /^slipway-setup=[\w-]{43}; Path=\/setup; HttpOnly; SameSite=Lax$/,
  );
  const described = parse(await readFile(new URL('../../../app.yml', import.meta.url), 'utf8'));
  expect(JSON.parse(own.manifest)).toEqual({
    ...described,
    url: 'https://slipway.example.com',
    hook_attributes: { url: 'https://slipway.example.com/api/github/webhooks', active: true },
    redirect_url: `${onGitHub.url}/setup/registered`,
    callback_urls: ['https://slipway.example.com/sign-in/callback'],
    setup_url: 'https://slipway.example.com/',
  });
  const acme = await openSetUp(onGitHub, '?organization=Acme-Inc');
  const path = 'https://github.com/organizations/Acme-Inc/settings/apps/new?state=';
  expect(acme.action.startsWith(path)).toBe(true);
  expect(acme.action).not.toContain(own.action.split('=')[1]);
  for (const wrong of ['a/b', '-a', 'a--b', '%3Cscript%3E', 'a'.repeat(40)]) {
    expect((await openSetUp(onGitHub, `?organization=${wrong}`)).status).toBe(400);
  }
  expect(await (await fetch(onGitHub.url)).text()).toContain('href="/setup"');
});

test('an address that GitHub cannot reach is named, with what to do', async () => {
  const { page } = await openSetUp(onEnterprise);
  expect(page).toContain('GitHub cannot reach');
  expect(page).toContain('PUBLIC_URL=https://');
  expect((await openSetUp(onGitHub)).page).not.toContain('cannot reach');
});

test('only this machine is answered, and no proxy on it', async () => {
  const status = (path: string, headers: Record<string, string>) =>
    new Promise((resolve, reject) => {
      const sent = request(`${onEnterprise.url}${path}`, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on('error', reject).end();
    });
  for (const path of ['/setup', '/setup/registered?code=a&state=b']) {
    expect(await status(path, { host: 'slipway.example.com' })).toBe(403);
    expect(await status(path, { host: 'localhost.example.com' })).toBe(403);
    expect(await status(path, { 'x-forwarded-for': '192.0.2.1' })).toBe(403);
  }
  expect(await status('/setup', {})).toBe(200);
});

test('a state of another browser, a wrong one and a used one are refused before GitHub is asked', async () => {
  const form = await openSetUp(onEnterprise);
  const other = await openSetUp(onEnterprise);
  const location = await onToGitHub(form);
  expect((await fetch(location)).status).toBe(403);
  expect((await backWith(location.replace(/state=./, 'state=_'), form.cookie)).status).toBe(403);
  expect((await backWith(location, other.cookie)).status).toBe(403);
  // It was used up by the wrong browser.
  expect((await backWith(location, form.cookie)).status).toBe(403);
  expect(conversions()).toEqual([]);
});

test('a code that GitHub does not take, or cannot answer, leaves nothing behind', async () => {
  const used = await openSetUp(onEnterprise);
  const location = new URL(await onToGitHub(used));
  location.searchParams.set('code', 'used/../before');
  const refused = await backWith(location.href, used.cookie);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('good once');
  github.fault({ match: 'POST /app-manifests/**', times: 1, status: 502 });
  const unlucky = await openSetUp(onEnterprise);
  const failed = await backWith(await onToGitHub(unlucky), unlucky.cookie);
  expect(failed.status).toBe(502);
  expect(await failed.text()).toContain('answered 502');
  expect(await readdir(join(folder, 'enterprise')).catch(() => [])).not.toContain('github-app.env');
});

test('of two registrations at once one is kept, for its owner alone, and none comes after it', async () => {
  const forms = await Promise.all([openSetUp(onEnterprise), openSetUp(onEnterprise)]);
  const late = await openSetUp(onEnterprise);
  const answers = await Promise.all(
    forms.map(async (form) => backWith(await onToGitHub(form), form.cookie)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const page = await answers.find(({ ok }) => ok)?.text();
  expect(page).toContain(`href="${github.url}/apps/slipway/installations/new"`);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'enterprise'))).toEqual(['github-app.env']);
  const kept = parseEnv(await readFile(file(), 'utf8'));
  expect(kept).toEqual({
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKey.trim(),
    WEBHOOK_SECRET: 'from-github',
    GITHUB_CLIENT_ID: github.clientId,
    GITHUB_CLIENT_SECRET: github.clientSecret,
    GHE_HOST: github.host,
    GHE_PROTOCOL: 'http',
  });
  const asked = conversions().length;
  expect((await backWith(await onToGitHub(late), late.cookie)).status).toBe(409);
  expect(conversions()).toHaveLength(asked);
  const after = await openSetUp(onEnterprise);
  expect(after.action).toBe('');
  const shown = `${page}${after.page}${onEnterprise.process.output()}`;
  for (const secret of ['from-github', github.clientSecret, 'PRIVATE KEY-----']) {
    expect(shown).not.toContain(secret);
  }
});
