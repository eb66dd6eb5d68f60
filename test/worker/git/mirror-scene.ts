import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitAccess } from '../../../worker/git/git.ts';
import type { Mirrors } from '../../../worker/git/mirrors.ts';
import type { CommitOptions } from '../../github/git-write.ts';
import { type GitHub, startGitHub } from '../../github/github.ts';
import type { Repository } from '../../github/repository.ts';
import { mirrorsIn } from './mirrors-in.ts';

/** An imitation of GitHub, a folder of a test's own, and what most tests of mirrors do with them. */
export type MirrorScene = {
  github: GitHub;
  folder: string;
  /** A folder in it that nobody else uses. */
  newFolder: () => Promise<string>;
  newMirrors: (limit?: number) => Promise<Mirrors>;
  /** A public repository with one commit on its `main`. */
  repository: (files: CommitOptions['files']) => Promise<{ repo: Repository; sha: string }>;
  access: (repo: Repository, url?: string) => GitAccess;
  /** How many requests git has made for a repository. */
  requests: (repo: Repository) => number;
  close: () => Promise<void>;
};

/** Starts all of it; `close` ends it. */
export async function startMirrorScene(): Promise<MirrorScene> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-mirrors-'));
  const github = await startGitHub({ webhookSecret: 'secret' });
  const newFolder = () => mkdtemp(join(folder, 'case-'));
  let number = 0;
  return {
    ...{ github, folder, newFolder },
    newMirrors: async (limit) => mirrorsIn(await newFolder(), limit),
    async repository(files = {}) {
      number += 1;
      const repo = await github.createRepository('acme', `repo-${number}`);
      return { repo, sha: await repo.commit({ branch: 'main', files }) };
    },
    access: (repo, url = repo.cloneUrl) => ({
      ...{ url, token: null, home: folder, path: process.env.PATH ?? '' },
    }),
    requests: (repo) => github.gitRequests.filter((one) => one.repo === repo.fullName).length,
    async close() {
      await github.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The names of a mirror's packs, without their extension. */
export async function packsOf(gitDir: string): Promise<string[]> {
  const names = await readdir(join(gitDir, 'objects/pack'));
  return names.filter((name) => name.endsWith('.pack')).map((name) => name.slice(0, -5));
}
