import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { processesMarked } from '../../bin/embedded/stale.ts';
import { localEnvironment, runStart, type StartRun } from './npm-start.ts';

describe('the first minute after npm start', () => {
  let folder: string;
  let run: StartRun;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-first-'));
    run = await runStart(localEnvironment(folder));
    await run.until('Ctrl-C stops it');
  });

  afterEach(async () => {
    await run.process.stop();
    await rm(folder, { recursive: true });
  });

  test('a git push to the local remote becomes an image in the embedded registry', async () => {
    const url = /Its pages: (\S+)/.exec(run.output())![1]!;
    const registry = /Registry +started at (\S+),/.exec(run.output())![1]!;
    const repository = join(folder, 'hello');
    await makeRepository(repository);
    await git(repository, 'push', `${url}/git/acme/hello.git`, 'HEAD:main');
    const { stdout: sha } = await git(repository, 'rev-parse', 'HEAD');
    for (const tag of [sha, 'main', 'latest']) {
      expect(await appears(`http://${registry}/v2/acme/hello/manifests/${tag}`)).toBe(true);
    }
    const { builds } = (await (await fetch(`${url}/api/builds`)).json()) as {
      builds: { repo: string; sha: string }[];
    };
    expect(builds).toEqual([expect.objectContaining({ repo: 'acme/hello', sha })]);
  });

  test('a Redis that hangs is named within seconds, and the page of checks comes all the same', async () => {
    const url = /Its pages: (\S+)/.exec(run.output())![1]!;
    const [redis] = await processesMarked(join(folder, 'redis'));
    process.kill(redis!, 'SIGSTOP');
    try {
      const begun = Date.now();
      const answers = await Promise.all(
        ['/setup/checks', '/', '/api/builds'].map((path) => fetch(`${url}${path}`)),
      );
      expect(Date.now() - begun).toBeLessThan(8_000);
      expect(answers.map(({ status }) => status)).toEqual([200, 503, 503]);
      const [checks, home, api] = await Promise.all(answers.map((answer) => answer.text()));
      expect(checks).toContain('It does not answer: no word from it within 2 s.');
      expect(checks).toContain('Redis, by which they are heard of, does not answer.');
      expect(home).toContain('Redis does not answer');
      expect(JSON.parse(api!).error.message).toContain('Redis does not answer');
    } finally {
      process.kill(redis!, 'SIGCONT');
    }
  });

  const makeRepository = async (repository: string): Promise<void> => {
    await mkdir(repository);
    await writeFile(join(repository, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
    await git(repository, 'init', '--quiet');
    await git(repository, 'add', '.');
    const author = ['-c', 'user.name=me', '-c', 'user.email=me@localhost'];
    await git(repository, ...author, 'commit', '--quiet', '--message', 'Hello');
  };

  const git = (cwd: string, ...args: string[]) => execa('git', args, { cwd });

  const appears = async (manifest: string): Promise<boolean> => {
    const headers = { accept: 'application/vnd.docker.distribution.manifest.v2+json' };
    for (let tries = 0; tries < 150; tries++) {
      if ((await fetch(manifest, { headers })).status === 200) return true;
      await sleep(200);
    }
    return false;
  };
});
