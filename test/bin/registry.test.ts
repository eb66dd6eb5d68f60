import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startRegistry } from '../../bin/embedded/registry.ts';
import { htpasswdLine } from '../services/htpasswd.ts';

describe('an embedded registry', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  test('takes a blob, keeps it over a restart, and deletes it', async () => {
    const first = await startRegistry({ folder });
    const digest = await upload(first.url, 'hello');
    await first.stop();
    const second = await startRegistry({ folder, port: first.port });
    const blob = `${second.url}/v2/acme/web/blobs/${digest}`;
    expect(await (await fetch(blob)).text()).toBe('hello');
    expect((await fetch(blob, { method: 'DELETE' })).status).toBe(202);
    await second.stop();
  });

  test('asks for a password when it has some', async () => {
    const registry = await startRegistry({ folder, htpasswd: await htpasswdLine('ann', 'secret') });
    const Authorization = `Basic ${Buffer.from('ann:secret').toString('base64')}`;
    expect((await fetch(`${registry.url}/v2/`)).status).toBe(401);
    expect((await fetch(`${registry.url}/v2/`, { headers: { Authorization } })).status).toBe(200);
    await registry.stop();
  });

  const upload = async (url: string, content: string): Promise<string> => {
    const hash = await crypto.subtle.digest('SHA-256', Buffer.from(content));
    const digest = `sha256:${Buffer.from(hash).toString('hex')}`;
    const begun = await fetch(`${url}/v2/acme/web/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', url);
    place.searchParams.set('digest', digest);
    await fetch(place, { method: 'PUT', body: content });
    return digest;
  };
});
