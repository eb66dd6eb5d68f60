import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { lookAtClock } from '../../app/doctor/clock.ts';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';
import { type EmbeddedRegistry, startRegistry } from '../../bin/embedded/registry.ts';
import { keepServices } from '../../bin/start/kept-services.ts';
import { lookAtRegistry } from '../../worker/doctor/registry.ts';
import { type GitHub, startGitHub } from '../github/github.ts';
import { htpasswdLine } from '../services/htpasswd.ts';

jest.setTimeout(60_000);

const publicUrl = 'https://slipway.invalid';
const password = 'the right password';
const wrongPassword = 'a-wrong-password';
const hook = `${publicUrl}/api/github/webhooks`;

let folder: string;
let redis: EmbeddedRedis;
let registry: EmbeddedRegistry;
let github: GitHub;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  const args = ['--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no'];
  redis = await startRedis({ folder: join(folder, 'redis'), args });
  const htpasswd = await htpasswdLine('robot', password);
  registry = await startRegistry({ folder: join(folder, 'registry'), htpasswd });
  github = await startGitHub({ webhookSecret: 'the secret of webhooks' });
});
afterAll(async () => {
  const { violations } = github;
  await github.close();
  await Promise.all([redis.stop(), registry.stop()]);
  await rm(folder, { recursive: true, force: true });
  expect(violations).toEqual([]);
});

/** Runs what `npm run doctor` runs, with exactly this environment. */
async function doctor(env: Record<string, string>, ...args: string[]) {
  const program = fileURLToPath(new URL('../../bin/doctor.js', import.meta.url));
  const options = {
    env: { PATH: process.env.PATH ?? '', ...env },
    extendEnv: false,
    reject: false,
  };
  const { stdout, exitCode } = await execa(process.execPath, [program, ...args], options);
  return { stdout, exitCode };
}

/** An environment in which all is well but for what a test makes wrong. */
const healthy = (more: Record<string, string> = {}): Record<string, string> => ({
  HOME: folder,
  DATA_DIR: folder,
  DISK_FLOOR: '1k',
  REDIS_URL: process.env.SLIPWAY_TEST_REDIS_URL ?? '',
  REGISTRY: process.env.SLIPWAY_TEST_REGISTRY ?? '',
  DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '',
  APP_ID: String(github.appId),
  PRIVATE_KEY: github.privateKey,
  WEBHOOK_SECRET: github.webhookSecret,
  GHE_HOST: github.host,
  GHE_PROTOCOL: 'http',
  PUBLIC_URL: publicUrl,
  ...more,
});

/** A folder with a config.json that knows this password for the registry; none for null. */
async function dockerConfig(name: string, known: string | null): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  const auth = Buffer.from(`robot:${known}`).toString('base64');
  const config = { auths: known === null ? {} : { [registry.host]: { auth } } };
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  return path;
}

test('says of each thing that it is right, and exits with 0', async () => {
  github.webhookUrl = hook;
  const { stdout, exitCode } = await doctor(healthy());
  expect(stdout.match(/^\S [^:]+/gm)).toEqual([
    ...['✓ Environment of web', '✓ Environment of worker', '✓ Redis'],
    ...['✓ Docker Engine', '✓ Disk', '✓ Engine’s disk'],
    ...['✓ Registry', '✓ Registry login', '✓ Registry push', '✓ GitHub App', '✓ Clock'],
    // The name of the tests is in no DNS, and from here it need not be.
    ...['✓ Permissions', '! Address', '✓ Webhook', '✓ Deliveries'],
  ]);
  expect(stdout).toMatch(/Version [\d.]+\S* answers and builds for linux\//);
  expect(exitCode).toBe(0);
});

test('says what is wrong with Redis, the login and the webhook, and what to do, without a secret', async () => {
  github.webhookUrl = 'https://elsewhere.invalid/hook';
  const config = await dockerConfig('wrong', wrongPassword);
  const more = { REDIS_URL: redis.url, REGISTRY: registry.host, DOCKER_CONFIG: config };
  const { stdout, exitCode } = await doctor(healthy({ ...more, DISK_FLOOR: '900000g' }));
  for (const sentence of [
    '✗ Redis: Redis has maxmemory-policy allkeys-lru',
    `redis-cli -h 127.0.0.1 -p ${redis.port} CONFIG SET maxmemory-policy noeviction`,
    '! Redis: Redis keeps no append-only file',
    `redis-cli -h 127.0.0.1 -p ${redis.port} CONFIG SET appendonly yes`,
    `✗ Registry login: ${registry.host} refuses the user robot of ${config}/config.json`,
    `→ Log in as the user that the worker runs as: docker --config ${config} login ${registry.host}`,
    '✗ Webhook: GitHub sends webhooks to https://elsewhere.invalid/hook, which is not here.',
    `→ Set the webhook URL in the App’s settings to ${hook}`,
    '✗ Disk: ',
    '→ Free some: no build begins with less than DISK_FLOOR, 878.9 TiB.',
  ]) {
    expect(stdout).toContain(sentence);
  }
  for (const secret of [wrongPassword, Buffer.from(`robot:${wrongPassword}`).toString('base64')]) {
    expect(stdout).not.toContain(secret);
  }
  expect(stdout).not.toContain(github.webhookSecret);
  expect(exitCode).toBe(1);
});

test('looks at the disk that needs no engine while the engine is away, and tells whose engine it is', async () => {
  const socket = 'unix:///run/slipway-0123abc/docker.sock';
  const embedded = await doctor(healthy({ DOCKER_HOST: socket }), 'worker');
  expect(embedded.stdout).toContain(`✗ Docker Engine: No Docker Engine answers at ${socket}`);
  expect(embedded.stdout).toContain('→ It is the one of npm start, and what it said is in engine/');
  expect(embedded.stdout).toContain('✓ Disk: ');
  expect(embedded.stdout).toContain('– Engine’s disk: Not looked at: ');
  const other = await doctor(healthy({ DOCKER_HOST: 'unix:///nobody.sock' }), 'worker');
  expect(other.stdout).toContain('→ Start it (systemctl start docker)');
});

test('names a key of another App, a permission that lacks and deliveries that fail', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const other = await doctor(healthy({ PRIVATE_KEY: privateKey }), 'web');
  expect(other.stdout).toContain(
    `✗ GitHub App: http://${github.host}/api/v3 does not take PRIVATE_KEY as a key of the App ${github.appId}: `,
  );
  expect(other.stdout).not.toContain('Docker Engine');
  const unreadable = '-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n';
  const broken = await doctor(healthy({ PRIVATE_KEY: unreadable }), 'web');
  expect(broken.stdout).toContain('✗ GitHub App: PRIVATE_KEY is no private key that can be read.');
  const weak = await startGitHub({
    webhookSecret: 'secret',
    permissions: { metadata: 'read', contents: 'read', checks: 'read', pull_requests: 'read' },
  });
  try {
    weak.webhookUrl = `http://${registry.host}/api/github/webhooks`;
    await weak.deliver('ping', { zen: 'Keep it logically awesome.' }, { check: false });
    const key = { PRIVATE_KEY: weak.privateKey, GHE_HOST: weak.host };
    const { stdout } = await doctor(
      healthy({ ...key, PUBLIC_URL: `http://${registry.host}` }),
      'web',
    );
    expect(stdout).toContain(
      '✗ Permissions: The App lacks the permission checks: write, the permission issues: read.',
    );
    expect(stdout).toContain('✓ Webhook');
    expect(stdout).toMatch(/✗ Deliveries: 1 of the last 1 webhooks failed, last at .* 404\./);
    expect(stdout).toContain('! Address: ');
  } finally {
    await weak.close();
  }
});

test('tells a registry’s troubles apart', async () => {
  const look = async (host: string, config: string, repository: string | null = null) => {
    const place = { registry: host, dockerConfig: config, env: {}, repository };
    const found = await lookAtRegistry(place);
    return found.map(({ name, state, says }) => `${state} ${name}: ${says}`).join('\n');
  };
  const none = await dockerConfig('none', null);
  const right = await dockerConfig('right', password);
  const { host, port } = registry;
  expect(await look(host, none)).toContain(`wrong Registry login: ${host} wants a login`);
  const good = await look(host, right, 'Acme/Web');
  expect(good).toContain('good Registry login: ');
  expect(good).toContain(
    `good Registry push: An upload to ${host}/acme/web was begun and cancelled.`,
  );
  const uploads = join(folder, 'registry/images/docker/registry/v2/repositories/acme/web/_uploads');
  // Debian's registry leaves an empty hash of it, and says 404 to whoever asks for the upload.
  const left = await readdir(uploads, { recursive: true });
  expect(left.filter((name) => /startedat|data$/.test(name))).toEqual([]);
  // Any address but the loopback's is spoken to by HTTPS, and this one leads to the same server.
  expect(await look(`0.0.0.0:${port}`, right)).toContain(
    'it speaks HTTP where HTTPS is spoken to it',
  );
  expect(await look('registry.invalid', right)).toMatch(/wrong Registry: .*DNS/);
  expect(await look('localhost:9', right)).toContain('the connection was refused');
  await writeFile(join(none, 'config.json'), 'no JSON');
  expect(await look(host, none)).toContain("wrong Registry login: Docker's ");
});

test('looks at what npm start runs, where there is no GitHub App yet', async () => {
  const { APP_ID: _, PRIVATE_KEY: __, WEBHOOK_SECRET: ___, ...env } = healthy();
  const services = await keepServices({ ...env, LOCAL_REMOTE: 'true', PORT: '3000' }, folder);
  const found = await doctor({ HOME: folder, DATA_DIR: folder, DISK_FLOOR: '1k' });
  await services.stop();
  expect(found.stdout).toContain('– GitHub App: None yet: pushes come by the local remote.');
  expect(found.stdout).toContain('✓ Redis');
  expect(found.exitCode).toBe(0);
  const stopped = await doctor({ HOME: folder, DATA_DIR: folder });
  expect(stopped.stdout).toContain('✗ Environment of web: REDIS_URL is missing');
  expect(stopped.stdout).toContain('WEBHOOK_SECRET is missing');
  expect(stopped.exitCode).toBe(1);
  expect((await doctor({}, 'everything')).exitCode).toBe(2);
});

test('a clock that GitHub would not believe is named with how much it is off', () => {
  const now = Date.parse('2026-05-01T12:00:00Z');
  const at = (seconds: number) =>
    lookAtClock(new Date(now - seconds * 1_000).toUTCString(), now).map(({ says }) => says);
  expect(at(2)).toEqual(['This machine’s clock is GitHub’s.']);
  expect(at(90)).toEqual(['This machine’s clock is 90 s ahead of GitHub’s.']);
  expect(at(-600)).toEqual(['This machine’s clock is 600 s behind GitHub’s.']);
  expect(lookAtClock(undefined, now)).toEqual([]);
});
