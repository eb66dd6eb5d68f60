import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { localForge, localRepository, repositoryFolder } from '../../../app/local/local-forge.ts';
import { planCommit } from '../../../app/plan/plan-commit.ts';
import { getBuilds } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { closeQueues, openQueues } from '../../../queue/queues.ts';
import { connectForCommands } from '../../../queue/redis.ts';

/** What is at the rules file's path: bytes, or another kind of entry by its mode. */
export type Entry = string | Buffer | { mode: '040000' | '120000' | '160000' };

/** Plans commits of a real repository on a real Redis, without the processes around it. */
export async function openPlanning() {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-plan-'));
  const remote = { folder, url: 'http://127.0.0.1:1/git' };
  const name = 'acme/planned';
  const bare = repositoryFolder(remote, name);
  await mkdir(bare, { recursive: true });
  const git = async (args: string[], input: string | Buffer = '') =>
    (await execa('git', args, { cwd: bare, input })).stdout;
  await git(['init', '-q', '--bare', '.']);
  const redis = connectForCommands(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
  const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
  const queues = openQueues(redis, store.keys);
  const planner = {
    ...{ store, queues, forge: localForge(remote), publicUrl: 'http://127.0.0.1:1' },
    ...{ registry: 'registry.example.com', namespaces: [] },
  };
  const blob = (content: string | Buffer) => git(['hash-object', '-w', '--stdin'], content);

  async function commit(entry: Entry): Promise<string> {
    const line =
      typeof entry === 'string' || Buffer.isBuffer(entry)
        ? `100644 blob ${await blob(entry)}`
        : await other[entry.mode]();
    const github = await git(['mktree', '--missing'], `${line}\tslipway.yml\n`);
    const dockerfile = await blob('FROM scratch\n');
    const tree = await git(
      ['mktree'],
      `040000 tree ${github}\t.github\n100644 blob ${dockerfile}\tDockerfile\n`,
    );
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@t'];
    return git([...who, 'commit-tree', '-m', 'planned', tree]);
  }
  const other = {
    '040000': async () => `040000 tree ${await git(['mktree'])}`,
    '120000': async () => `120000 blob ${await blob('/etc/passwd')}`,
    '160000': async () => `160000 commit ${'1'.repeat(40)}`,
  };

  return {
    planner,
    repository: localRepository(remote, name, 'main'),
    /** Writes a commit with a Dockerfile and such an entry, and answers its id. */
    commit,
    /** The builds that come of a push of such a commit to main, and how long planning took, in ms. */
    async plan(entry: Entry) {
      const sha = await commit(entry);
      const start = performance.now();
      const { ids } = await planCommit(planner, {
        repository: localRepository(remote, name, 'main'),
        ...{ sha, ref: 'refs/heads/main', event: 'push', before: null, baseRef: null },
        ...{ message: 'planned', author: 't', committedAt: new Date(0), pushedAt: 0 },
        ...{ forced: false, follows: null, pullRequest: null, cache: true, cause: [randomUUID()] },
      });
      const took = performance.now() - start;
      const builds = (await getBuilds(store, ids)).map((build) => ({
        ...build,
        wantedTags: build.wantedTags.map((tag) => tag.replace(sha, '<commit>')),
      }));
      return { builds, took };
    },
    async close() {
      await closeQueues(queues);
      redis.disconnect();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
