import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { docker } from '../worker/engine/real-engine.ts';
import { cancel, completed, digestOf, ended } from './builds.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
let secrets: string;

beforeAll(async () => {
  secrets = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
  await mkdir(join(secrets, 'acme', 'secret'), { recursive: true });
  await writeFile(join(secrets, 'acme', 'token'), 'the owner’s token\n');
  await writeFile(join(secrets, 'acme', 'secret', 'own'), 'the repository’s own\n');
  slipway = await startSlipway({ env: { SECRETS_DIR: secrets, TEST_MEMORY: '48m' } });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  await rm(secrets, { recursive: true });
  expect(violations).toEqual([]);
});

const base = 'FROM slipway-test/base:1\n';

async function pushed(name: string, rule: string, files: Record<string, string> = {}) {
  const repo = await slipway.github.createRepository('acme', name);
  const sha = await repo.commit({
    files: {
      Dockerfile: `${base}RUN : ${name}-${Date.now()}\n`,
      '.github/slipway.yml': `images:\n  - ${rule}\n`,
      ...files,
    },
  });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  return sha;
}

async function built(...push: Parameters<typeof pushed>) {
  const sha = await pushed(...push);
  const build = await ended(slipway, sha);
  const log = await (await fetch(`${slipway.url}/api/builds/${build.id}/log`)).text();
  return { sha, build, log, digest: await digestOf(String(build.image), sha) };
}

/** What tests of a build have left in the Engine. */
async function leftOf(id: string) {
  const filters = { label: [`slipway.build=${id}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters });
  const images = await docker.listImages({ filters });
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  return [...containers, ...networks, ...(Volumes ?? []), ...tags];
}

describe('test: command', () => {
  test('that exits 0 lets the image be pushed, and its output is in the log', async () => {
    const { build, log, digest } = await built(
      'good',
      'test: { command: [sh, -c, "echo out; echo err >&2; ls /sys/class/net"] }',
    );
    expect(build).toMatchObject({ state: 'succeeded' });
    expect(digest).toBe(build.digest);
    const steps = build.steps as { name: string }[];
    expect(steps.map(({ name }) => name)).toEqual(['checkout', 'build', 'test', 'push', 'tag']);
    expect(log).toMatch(/^out$/m);
    expect(log).toMatch(/^err$/m);
    expect(log).toMatch(/^lo$/m);
    expect(log).not.toContain('eth0');
    expect(await leftOf(build.id)).toEqual([]);
  });

  test('that fails stops the push; the check says how and shows its last lines', async () => {
    const { build, digest } = await built(
      'bad',
      'test: { command: [sh, -c, "echo not ok 1; exit 3"] }',
    );
    expect(build).toMatchObject({ state: 'failed', step: 'test', digest: null });
    expect(digest).toBeNull();
    const check = await completed(slipway, build.id);
    expect(check.title).toContain('exit code 3');
    expect(check.summary).toContain('not ok 1');
    expect(await leftOf(build.id)).toEqual([]);
  });

  test('that is not there, or takes more memory than it may, says so', async () => {
    const missing = await built('missing', 'test: { command: [no-such-program] }');
    expect(missing.build).toMatchObject({ state: 'failed', step: 'test', attempt: 1 });
    expect(missing.build.reason).toContain('no-such-program');
    const greedy = await built(
      'greedy',
      'test: { command: [sh, -c, "head -c 200m /dev/zero | tail -c 190m >/dev/null; exit 137"] }',
    );
    expect(greedy.build).toMatchObject({ state: 'failed', step: 'test' });
    expect(greedy.build.reason).toContain('48 MiB of TEST_MEMORY');
  });

  test('that never ends is stopped by the rule’s timeout, and by cancelling', async () => {
    const late = await built('late', 'test: { command: [sleep, "600"] }\n    timeout: 4s');
    expect(late.build).toMatchObject({ state: 'failed', step: 'test', digest: null });
    expect(late.build.reason).toContain('timeout in the rules file');
    expect(await leftOf(late.build.id)).toEqual([]);
    const sha = await pushed('endless', 'test: { command: [sleep, "600"] }');
    const build = await until('it is tested', async () => {
      const now = await slipway.build(sha);
      return now?.step === 'test' ? (now as typeof now & { id: string }) : undefined;
    });
    expect((await cancel(slipway, build)).status).toBe(202);
    expect(await ended(slipway, sha)).toMatchObject({ state: 'cancelled', digest: null });
    await until('it is gone', async () => (await leftOf(build.id)).length === 0);
  });
});

test('what a killed worker was testing is tested again elsewhere, and nothing of it stays', async () => {
  const sha = await pushed('killed', 'test: { command: [sleep, "6"] }');
  const build = await until('it is tested', async () => {
    const now = await slipway.build(sha);
    return now?.step === 'test' && (await leftOf(String(now.id))).length > 0 ? now : undefined;
  });
  await end(slipway.processes.workers[0]!, 'SIGKILL');
  slipway.processes.workers = [slipway.startWorker()];
  expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await leftOf(String(build.id))).toEqual([]);
});

test('test: target builds the stage, and its failure stops the push', async () => {
  const dockerfile = (exit: number) => ({
    Dockerfile: `${base}FROM slipway-test/base:1 AS test\nRUN : ${Date.now()}; echo testing; exit ${exit}\nFROM slipway-test/base:1\n`,
  });
  const good = await built('stage', 'test: { target: test }', dockerfile(0));
  expect(good.build).toMatchObject({ state: 'succeeded' });
  expect(good.log).toContain('testing');
  expect(await leftOf(good.build.id)).toEqual([]);
  const bad = await built('stage-bad', 'test: { target: test }', dockerfile(1));
  expect(bad).toMatchObject({ build: { state: 'failed', step: 'test' }, digest: null });
  const check = await completed(slipway, bad.build.id);
  expect(check.annotations).toMatchObject([{ path: 'Dockerfile', start_line: 3 }]);
});

describe('test: compose', () => {
  const rule = 'test: { compose: docker-compose.test.yml }';
  const compose = (command: string) => ({
    'docker-compose.test.yml': `version: "3"
services:
  sut:
    build: .
    command: ${JSON.stringify(['sh', '-c', command])}
    environment: { EXPECTED: hello }
    volumes: ["shared:/shared"]
    depends_on: { web: { condition: service_healthy } }
    links: ["web:site"]
  web:
    build: { context: server, args: { WORD: hello } }
    volumes: ["shared:/shared"]
    healthcheck: { test: "test -f /shared/ready", interval: 300ms }
volumes: { shared: }
`,
    'server/Dockerfile': `${base}ARG WORD\nRUN mkdir /www && echo $WORD > /www/index.html\nCMD ["sh", "-c", "touch /shared/ready; echo serving; exec busybox httpd -f -h /www"]\n`,
  });

  test('sut reaches the services it needs by their names, and nothing else', async () => {
    const { build, log, digest } = await built(
      'composed',
      rule,
      compose(
        '[ "$(wget -qO- http://web/)" = $$EXPECTED ] && wget -qO- http://site/ && ls /shared && ! ping -c 1 -W 2 $$(ip route | grep default | cut -d " " -f 3) && echo alone',
      ),
    );
    expect(build).toMatchObject({ state: 'succeeded' });
    expect(digest).not.toBeNull();
    expect(log).toMatch(/web \| serving/);
    expect(log).toMatch(/sut \| hello/);
    expect(log).toMatch(/sut \| ready/);
    expect(log).toMatch(/sut \| alone/);
    expect(await leftOf(build.id)).toEqual([]);
  });

  test('sut’s exit code stops the push', async () => {
    const { build, digest } = await built('composed-bad', rule, compose('echo wrong; exit 4'));
    expect(build).toMatchObject({ state: 'failed', step: 'test' });
    expect(build.reason).toBe('The service sut failed: exit code 4.');
    expect(digest).toBeNull();
    expect(await leftOf(build.id)).toEqual([]);
  });

  test('what would reach the machine is refused before anything runs', async () => {
    const { build } = await built('composed-hostile', rule, {
      'docker-compose.test.yml':
        'services: { sut: { build: ., privileged: true, volumes: ["/:/host"] } }',
    });
    expect(build).toMatchObject({ state: 'failed', step: 'test' });
    expect(build.reason).toContain('docker-compose.test.yml');
    expect(await leftOf(build.id)).toEqual([]);
  });
});

describe('secrets', () => {
  test('reach the RUN that mounts them, and are masked in the log', async () => {
    const { build, log } = await built('secret', 'secrets: [token, own]', {
      Dockerfile: `${base}RUN --mount=type=secret,id=token --mount=type=secret,id=own : ${Date.now()}; cat /run/secrets/token /run/secrets/own; base64 /run/secrets/own; grep -q "own$" /run/secrets/own\n`,
    });
    expect(build).toMatchObject({ state: 'succeeded' });
    expect(log).toContain('***');
    expect(log).not.toContain('the owner’s token');
    expect(log).not.toContain('the repository’s own');
    expect(log).not.toContain(Buffer.from('the repository’s own\n').toString('base64'));
  });

  test('are masked in what the check shows of a command that failed', async () => {
    const { build } = await built('secret-bad', 'secrets: [token]', {
      Dockerfile: `${base}RUN --mount=type=secret,id=token : ${Date.now()}; cat /run/secrets/token; exit 3\n`,
    });
    expect(build).toMatchObject({ state: 'failed', failure: { lastLines: ['***'] } });
    const check = await completed(slipway, build.id);
    expect(JSON.stringify(check)).toContain('***');
    expect(JSON.stringify(check)).not.toContain('the owner’s token');
  });

  test('that straddle the border of a long line’s pieces are masked', async () => {
    const { log } = await built('secret-long', 'secrets: [token]', {
      Dockerfile: `${base}RUN --mount=type=secret,id=token : ${Date.now()}; head -c 16375 /dev/zero | tr '\\0' x; head -n 1 /run/secrets/token | tr -d '\\n'; head -c 20000 /dev/zero | tr '\\0' y\n`,
    });
    expect(log).toMatch(/x{100}\*{3}|x{100}\n.*\*{3}y/);
    expect(log).not.toContain('owner');
    expect(log).not.toMatch(/x+the |ner’s token/);
  });

  test('that the operator does not keep fail the build, with the place they belong', async () => {
    const { build } = await built('secretless', 'secrets: [own]');
    expect(build).toMatchObject({ state: 'failed', step: 'build' });
    expect(build.reason).toContain('SECRETS_DIR/acme/secretless/own or SECRETS_DIR/acme/own');
  });
});

describe('platforms', () => {
  test('one the Engine has is built, several are told', async () => {
    const { build } = await built('amd64', 'platforms: [linux/amd64]');
    expect(build).toMatchObject({ state: 'succeeded' });
    const several = await built('both', 'platforms: [linux/amd64, linux/arm64]');
    expect(several.build).toMatchObject({ state: 'failed' });
    expect(several.build.reason).toContain('linux/amd64, linux/arm64');
  });
});
