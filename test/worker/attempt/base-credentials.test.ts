import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StoredBuild } from '../../../queue/build-store.ts';
import type { AttemptDeps } from '../../../worker/attempt/attempt.ts';
import { baseCredentials } from '../../../worker/attempt/base-credentials.ts';
import { newBuild } from '../../queue/new-build.ts';
import { contextWith } from '../reuse/context-with.ts';

let dockerConfig: string;

beforeAll(async () => {
  dockerConfig = await mkdtemp(join(tmpdir(), 'slipway-config-'));
  const login = (who: string) => ({ username: who, password: `password of ${who}` });
  const auths = {
    'r.example': login('worker'),
    'other.example:5000': login('guest'),
    'https://index.docker.io/v1/': login('hub'),
  };
  await writeFile(join(dockerConfig, 'config.json'), JSON.stringify({ auths }));
});
afterAll(() => rm(dockerConfig, { recursive: true }));

type Wish = {
  registry?: string;
  isFork?: boolean;
  args?: Record<string, string>;
  others?: string[];
};

/** Who a build of `Acme/web` is for a host, and which secrets are masked since. */
async function given(dockerfile: string, host: string, wish: Wish = {}) {
  const { registry = 'r.example/team', isFork = false, args = {}, others } = wish;
  const plain = newBuild();
  const pullRequest = isFork ? { number: 1, isFork } : null;
  const build = { ...plain, repo: 'Acme/web', pullRequest, recipe: { ...plain.recipe, args } };
  const secrets: string[] = [];
  const credentials = baseCredentials(
    { config: { REGISTRY: registry }, dockerConfig, env: {} } as AttemptDeps,
    build as unknown as StoredBuild,
    contextWith({ dockerfile, files: {} }),
    secrets,
    others,
  );
  return { username: (await credentials(host)).username ?? null, secrets };
}

const whoFor = async (...asked: Parameters<typeof given>) => (await given(...asked)).username;
const own = 'FROM r.example/team/acme/base\n';

describe('the registry that images are pushed to', () => {
  test.each<[string, string, Wish?]>([
    ['its owner’s own images', own],
    ['the same by an argument', 'ARG B\nFROM r.example/team/$B\n', { args: { B: 'acme/base' } }],
    ['others beside images of elsewhere', `${own}COPY --from=other.example:5000/x/y / /\n`],
    ['images that Slipway names', 'FROM node\n', { others: ['r.example/team/acme/web:cache'] }],
  ])('is told who the worker is for %s', async (_, dockerfile, ...[wish]) => {
    expect(await whoFor(dockerfile, 'r.example', wish)).toBe('worker');
  });

  test.each<[string, string, Wish?]>([
    ['another owner’s image', 'FROM r.example/team/victim/base\n'],
    ['an owner whose name begins alike', 'FROM r.example/team/acme-2/base\n'],
    ['an image beside the place of all owners', 'FROM r.example/acme/base\n'],
    ['its own and another’s', `${own}COPY --from=r.example/team/victim/x / /\n`],
    ['another’s in a mount', `${own}RUN --mount=from=r.example/team/victim/x,target=/x y\n`],
    ['another’s in a mount in capitals', `${own}RUN --mount=From=r.example/team/victim/x y\n`],
    ['another’s for a later image', `${own}ONBUILD COPY --from=r.example/team/victim/x / /\n`],
    ['another’s behind an escape', `${own}COPY --fr\\om=r.example/team/victim/x / /\n`],
    ['another’s in quotes', `${own}FROM "r.example/team/victim/x"\n`],
    ['another’s in what a heredoc may be', `${own}RUN <<CMD\nFROM r.example/team/victim/x\nCMD\n`],
    ['another’s by a platform', `FROM r.example/team/\${TARGETOS:+victim}\${X:-acme/b}\n`],
    ['a fork’s pull request', own, { isFork: true }],
    ['a Dockerfile that names none there', 'FROM node\n'],
  ])('is told nothing for %s', async (_, dockerfile, ...[wish]) => {
    const { username, secrets } = await given(dockerfile, 'r.example', wish);
    expect(username).toBeNull();
    expect(secrets).toEqual([]);
  });
});

describe('another registry', () => {
  const other = 'FROM other.example:5000/anybody/x\n';

  test('is told who the worker is there, whoever’s the image is', async () => {
    const { username, secrets } = await given(other, 'other.example:5000');
    expect(username).toBe('guest');
    expect(secrets).toContain('password of guest');
  });

  test('is told nothing unless it is named, by its port too, nor for a fork', async () => {
    expect(await whoFor(own, 'other.example:5000')).toBeNull();
    expect(await whoFor(other.replace(':5000', ''), 'other.example:5000')).toBeNull();
    expect(await whoFor(other, 'other.example:5000', { isFork: true })).toBeNull();
  });

  test('without credentials is told nothing', async () => {
    expect(await whoFor('FROM third.example/x\n', 'third.example')).toBeNull();
  });
});

describe('Docker Hub', () => {
  test.each(['docker.io', 'registry-1.docker.io'])('under its name %s', async (host) => {
    expect(await whoFor('FROM node:22\n', host)).toBe('hub');
    expect(await whoFor('FROM somebody/x\n', host)).toBe('hub');
  });

  test('as the registry that images are pushed to gives official images and the owner’s', async () => {
    const wish = { registry: 'docker.io' };
    expect(await whoFor('FROM node:22\nFROM acme/base\n', 'docker.io', wish)).toBe('hub');
    expect(await whoFor('FROM node:22\nFROM victim/base\n', 'docker.io', wish)).toBeNull();
  });
});
