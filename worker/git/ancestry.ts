import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitAccess, GitFailed, git } from './git.ts';
import { clearRemains } from './mirror.ts';
import { historyName, keptName, pinMirror } from './mirror-store.ts';
import type { Mirrors } from './mirrors.ts';

/** How long fetching commits may take before their order is told otherwise, in milliseconds. */
const patience = 60_000;

/** So many packs, of one fetch each, are put together. */
const mostPacks = 50;

/**
 * Whether one commit is among those that another follows on. Commits without their files are
 * fetched beside the repository's mirror where the host can send them so
 * (https://git-scm.com/docs/partial-clone), and whole where it cannot. Null where git cannot tell,
 * since one of the two is gone or the host does not answer in time.
 */
export async function isAncestor(
  mirrors: Mirrors,
  access: GitAccess,
  repositoryId: number,
  { older, newer }: { older: string; newer: string },
  signal: AbortSignal,
): Promise<boolean | null> {
  const mirror = join(mirrors.folder, String(repositoryId));
  const gitDir = join(mirror, historyName);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const release = await pinMirror(mirror);
  try {
    return await mirrors.lock(gitDir, limited, async (during) => {
      const run = (...args: string[]) => git(access, gitDir, ['--git-dir=.', ...args], during);
      await fetchCommits(gitDir, access, [older, newer], during);
      return await run('merge-base', '--is-ancestor', older, newer).then(
        () => true,
        (error: GitFailed) => {
          if (error.exitCode === 1) return false;
          throw error;
        },
      );
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GitFailed || limited.aborted) return null;
    throw error;
  } finally {
    await release();
  }
}

async function fetchCommits(
  gitDir: string,
  access: GitAccess,
  shas: string[],
  signal: AbortSignal,
): Promise<void> {
  const missing = shas.filter((sha) => !existsSync(join(gitDir, keptName(sha))));
  if (missing.length === 0) return;
  await mkdir(gitDir, { recursive: true });
  await clearRemains(gitDir);
  if (!existsSync(join(gitDir, 'HEAD'))) {
    await git(access, gitDir, ['init', '--quiet', '--template=', '--bare', '.'], signal);
  }
  const run = (...args: string[]) => git(access, gitDir, ['--git-dir=.', ...args], signal);
  const packs = await readdir(join(gitDir, 'objects/pack')).catch(() => []);
  if (packs.filter((name) => name.endsWith('.pack')).length >= mostPacks) {
    await run('repack', '--quiet', '-a', '-d');
  }
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--filter=tree:0'];
  const specs = missing.map((sha) => `+${sha}:${keptName(sha)}`);
  await run('fetch', ...options, access.url, ...specs);
}
