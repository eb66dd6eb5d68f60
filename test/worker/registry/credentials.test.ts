import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { credentialsFor, secretsOf } from '../../../worker/registry/credentials.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-credentials-'));
});

afterEach(async () => rm(folder, { recursive: true }));

const config = (value: unknown): Promise<void> =>
  writeFile(join(folder, 'config.json'), typeof value === 'string' ? value : JSON.stringify(value));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Installs `docker-credential-test`, an sh script, where `env` finds it. */
async function helper(script: string): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, 'docker-credential-test');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin` };
}

describe('what docker login wrote', () => {
  test('is nothing without a file, and nothing for another registry', async () => {
    expect(await credentialsFor('r.example', folder, {})).toEqual({});
    expect(await credentialsFor('r.example', join(folder, 'none'), {})).toEqual({});
    await config({ auths: { 'other.example': { auth: base64('a:b') } } });
    expect(await credentialsFor('r.example', folder, {})).toEqual({});
  });

  test('is read anew each time', async () => {
    await config({ auths: { 'r.example': { auth: base64('a:b') } } });
    await credentialsFor('r.example', folder, {});
    await config({ auths: { 'r.example': { auth: base64('a:pass:with colons') } } });
    expect(await credentialsFor('r.example', folder, {})).toEqual({
      username: 'a',
      password: 'pass:with colons',
      serveraddress: 'r.example',
    });
  });

  test.each([
    'r.example:5000',
    'https://r.example:5000',
    'http://r.example:5000/v2/',
    'R.Example:5000/x',
  ])('is found under %s', async (name) => {
    await config({
      auths: { 'r.example': { auth: base64('no:no') }, [name]: { auth: base64('a:b') } },
    });
    expect(await credentialsFor('r.example:5000', folder, {})).toMatchObject({ username: 'a' });
  });

  test.each(['docker.io', 'index.docker.io', 'registry-1.docker.io'])(
    'is Docker Hub’s for %s',
    async (host) => {
      await config({ auths: { 'https://index.docker.io/v1/': { auth: base64('hub:pw') } } });
      expect(await credentialsFor(host, folder, {})).toEqual({
        username: 'hub',
        password: 'pw',
        serveraddress: 'https://index.docker.io/v1/',
      });
    },
  );

  test('may be tokens', async () => {
    await config({
      auths: {
        'id.example': { auth: base64('u:'), identitytoken: 'refresh' },
        'reg.example': { registrytoken: 'bearer' },
        'plain.example': { username: 'u', password: 'p' },
        'empty.example': {},
      },
    });
    const of = (host: string) => credentialsFor(host, folder, {});
    expect(await of('id.example')).toEqual({
      username: 'u',
      identitytoken: 'refresh',
      serveraddress: 'id.example',
    });
    expect(await of('reg.example')).toEqual({
      registrytoken: 'bearer',
      serveraddress: 'reg.example',
    });
    expect(await of('plain.example')).toMatchObject({ username: 'u', password: 'p' });
    expect(await of('empty.example')).toEqual({ serveraddress: 'empty.example' });
  });

  test('is an error without its content when it is broken', async () => {
    for (const broken of [`{"auths": {"r": {"auth": "c2VjcmV0`, '[]', 'null']) {
      await config(broken);
      const error = await credentialsFor('r.example', folder, {}).catch((thrown) => thrown);
      expect(error.message).toBe(`Docker's ${join(folder, 'config.json')} is not a JSON object`);
      expect(`${error.stack}${error.cause}`).not.toContain('c2VjcmV0');
    }
    await config({ auths: { 'r.example': { auth: base64('nocolon') } } });
    const error = await credentialsFor('r.example', folder, {}).catch((thrown) => thrown);
    expect(error.message).toMatch(/^The entry for r\.example in Docker's .* is not valid$/);
    expect(error.message).not.toContain('nocolon');
  });
});

describe('a credential helper', () => {
  test('is asked about the server, for one registry or for all', async () => {
    const env = await helper(
      `read -r server; printf '{"Username":"%s","Secret":"s3"}' "$1 $server"`,
    );
    const answer = { username: 'get r.example', password: 's3', serveraddress: 'r.example' };
    await config({ credHelpers: { 'r.example': 'test' }, credsStore: 'none' });
    expect(await credentialsFor('r.example', folder, env)).toEqual(answer);
    await config({ credsStore: 'test', auths: { 'r.example': {} } });
    expect(await credentialsFor('r.example', folder, env)).toEqual(answer);
    expect(await credentialsFor('docker.io', folder, env)).toMatchObject({
      username: 'get https://index.docker.io/v1/',
    });
  });

  test('may give an identity token, or nothing', async () => {
    await config({ credsStore: 'test' });
    const token = await helper(`echo '{"Username":"<token>","Secret":"refresh"}'`);
    expect(await credentialsFor('r.example', folder, token)).toEqual({
      identitytoken: 'refresh',
      serveraddress: 'r.example',
    });
    const none = await helper(`echo 'credentials not found in native keychain'; exit 1`);
    expect(await credentialsFor('r.example', folder, none)).toEqual({});
  });

  test('that fails is named, and its secret is not', async () => {
    await config({ credsStore: 'test' });
    const failing = await helper(`echo 'the keychain is locked'; exit 2`);
    await expect(credentialsFor('r.example', folder, failing)).rejects.toThrow(
      'The credential helper docker-credential-test ended with exit code 2: the keychain is locked',
    );
    for (const leaking of [
      `echo '{"Secret":"hush"}'; exit 1`,
      `echo '{"Secret":"hush"}'`,
      `echo hush`,
    ]) {
      const env = await helper(leaking);
      const error = await credentialsFor('r.example', folder, env).catch((thrown) => thrown);
      expect(error.message).toContain('docker-credential-test');
      expect(`${error.message}${error.stack}${error.cause}`).not.toContain('hush');
    }
  });

  test('that is missing, or no name of one, is said', async () => {
    await config({ credsStore: 'missing' });
    await expect(credentialsFor('r.example', folder, { PATH: folder })).rejects.toThrow(
      'The credential helper docker-credential-missing is not installed (not found on the PATH)',
    );
    await config({ credsStore: '../../bin/sh' });
    await expect(credentialsFor('r.example', folder, {})).rejects.toThrow(/cannot be a credential/);
  });
});

test('what has to be masked is the password, the pair as sent, and tokens', () => {
  expect(secretsOf({ username: 'u', password: 'p', serveraddress: 'r' })).toEqual([
    'p',
    base64('u:p'),
  ]);
  expect(secretsOf({ username: 'u', identitytoken: 't' })).toEqual(['t']);
  expect(secretsOf({ registrytoken: 'b' })).toEqual(['b']);
  expect(secretsOf({})).toEqual([]);
});
