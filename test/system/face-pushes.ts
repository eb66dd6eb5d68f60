import { completed } from './builds.ts';
import type { Slipway } from './start-slipway.ts';
import { until } from './until.ts';

type GitHubRepository = Awaited<ReturnType<Slipway['github']['createRepository']>>;
type Pushed = { repo: GitHubRepository; sha: string };

/** Pushes to repositories of acme, and waits for what comes of it. */
export function pushesTo(slipway: Slipway) {
  const { github } = slipway;
  const repositories = new Map<string, Promise<GitHubRepository>>();
  /** A repository, which is made if need be. */
  const repository = (name: string): Promise<GitHubRepository> => {
    const made = repositories.get(name) ?? github.createRepository('acme', name, about(name));
    repositories.set(name, made);
    return made;
  };
  return {
    repository,
    /** Pushes a commit to `main`. */
    async push(name: string, files: Record<string, string>, message: string): Promise<Pushed> {
      const repo = await repository(name);
      const sha = await repo.commit({ files, message, branch: 'main' });
      await repo.push({ ref: 'refs/heads/main', after: sha });
      return { repo, sha };
    },
    /** The id of a commit's only build once it has ended: by its check, since it may be private. */
    async end({ repo, sha }: Pushed): Promise<string> {
      const check = await until('the check is there', () => github.checkRuns(repo, sha)[0]);
      return (await completed(slipway, check.externalId)).externalId;
    },
  };
}

const about = (name: string) => ({
  private: name === 'secret',
  ...(name === 'shop' && { description: 'The shop, from its shelves to the till' }),
});
