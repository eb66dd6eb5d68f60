import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BuildFailed } from '../../../worker/engine/build-errors.ts';
import type { Builder } from '../../../worker/engine/build-request.ts';
import { endServers, serve } from '../registry/serve.ts';
import { docker, importBase, removeImages, tryBuild, uniqueName } from './real-engine.ts';
import { freePort, type OwnRegistry, startRegistry } from './real-registry.ts';

const login = { username: 'slipway', password: 'right: horse' };
const made: string[] = [];
let registry: OwnRegistry;
let hidden: string;

beforeAll(async () => {
  registry = await startRegistry(await freePort(), login);
  const base = await importBase();
  made.push(base);
  hidden = `${registry.host}/hidden/base:1`;
  const [repo = ''] = hidden.split(/:(?=\d$)/);
  await docker.getImage(base).tag({ repo, tag: '1' });
  const authconfig = { ...login, serveraddress: registry.host };
  const pushing = await docker.getImage(hidden).push({ authconfig });
  await new Promise((resolve) => docker.modem.followProgress(pushing, resolve));
});
afterAll(async () => {
  await removeImages([...made, hidden]);
  await registry?.stop();
});
afterEach(endServers);

/** What a worker answers that may use the registry, and is asked for these hosts. */
function knowing() {
  const asked: string[] = [];
  const credentials = async (host: string) => {
    asked.push(host);
    return host === registry.host ? { ...login, serveraddress: host } : {};
  };
  return { asked, credentials };
}

/** A registry that asks everybody for a password, as it says where, and keeps what it is shown. */
async function startRogue(challenge: (host: string) => string) {
  const shown: (string | undefined)[] = [];
  const host = await serve(({ headers }, response) => {
    shown.push(headers.authorization);
    response.writeHead(401, { 'www-authenticate': challenge(String(headers.host)) }).end();
  });
  return { host, shown };
}

describe.each<Builder>(['buildkit', 'classic'])('a hidden base image and %s', (builder) => {
  const build = async (dockerfile: string, more: Parameters<typeof tryBuild>[1] = {}) => {
    // Whoever has it already asks nobody.
    await docker
      .getImage(hidden)
      .remove()
      .catch(() => {});
    const built = await tryBuild(`${dockerfile}\nENV ONLY=${uniqueName('x')}\n`, {
      ...{ builder, ...more },
    });
    if (built.image) made.push(built.tag);
    return built;
  };

  test('are brought together by credentials for its registry', async () => {
    const { asked, credentials } = knowing();
    const { error, image } = await build(`FROM ${hidden}\nRUN echo in it`, { credentials });
    expect(error).toBeUndefined();
    expect(image?.imageId).toMatch(/^sha256:/);
    expect(new Set(asked)).toEqual(new Set([registry.host]));
  });

  test.each(['/', '/v', '/v2'])('are so however long it all is (%s)', async (end) => {
    const serveraddress = registry.host + end;
    const credentials = async () => ({ ...login, serveraddress });
    const { error } = await build(`FROM ${hidden}`, { credentials });
    expect(error).toBeUndefined();
  });

  test.each([
    ['without any', undefined],
    ['with none for it', async () => ({})],
    ['with wrong ones', async () => ({ ...login, password: 'wrong horse' })],
  ])('are kept apart %s, by the repository’s fault', async (_, credentials) => {
    const { error } = await build(`FROM ${hidden}`, { ...(credentials && { credentials }) });
    expect(error).toBeInstanceOf(BuildFailed);
    expect((error as Error).message).not.toContain('horse');
  });

  test.each<[string, (host: string) => string]>([
    ['Basic', () => 'Basic realm="x"'],
    ['Bearer', (host) => `Bearer realm="http://${host}/token",service="${registry.host}"`],
  ])('give nothing away to another registry that wants a password (%s)', async (_, challenge) => {
    const rogue = await startRogue(challenge);
    const { asked, credentials } = knowing();
    const dockerfile = `FROM ${rogue.host}/x/y:1 AS two\nFROM ${hidden}\nCOPY --from=two / /two`;
    const { error } = await build(dockerfile, { credentials });
    expect(error).toBeInstanceOf(BuildFailed);
    expect(asked).toContain(rogue.host);
    expect(rogue.shown.length).toBeGreaterThan(0);
    const password = Buffer.from(login.password).toString('base64');
    const pair = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    for (const header of rogue.shown) {
      expect(header ?? '').not.toContain(pair);
      expect(header ?? '').not.toContain(password);
    }
  });
});
