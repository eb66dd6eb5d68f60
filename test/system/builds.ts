import { randomUUID } from 'node:crypto';
import type { Slipway } from './start-slipway.ts';
import { until } from './until.ts';

/** A build's record as the API shows it. */
export type BuildJson = Record<string, unknown> & { id: string };

/** Pushes a new repository of `acme` whose Dockerfile has one RUN, to `main`. */
export async function pushNew({ github }: Slipway, name: string, run: string) {
  const repo = await github.createRepository('acme', name);
  const sha = await repo.commit({ files: dockerfile(run), message: name });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  return { repo, sha };
}

/** The files of a repository whose image is made by one RUN, which no engine has in its cache. */
export const dockerfile = (run: string) => ({
  Dockerfile: `FROM slipway-test/base:1\nRUN : ${randomUUID()}; ${run}\n`,
});

/** The newest build of a commit, once it is at a step. */
export const atStep = (slipway: Slipway, sha: string, step: string): Promise<BuildJson> =>
  until(`step ${step}`, async () => {
    const build = await slipway.build(sha);
    return build?.step === step ? (build as BuildJson) : undefined;
  });

/** The newest build of a commit, once it has ended. */
export const ended = (slipway: Slipway, sha: string): Promise<BuildJson> =>
  until(
    `the build of ${sha} ends`,
    async () => {
      const build = await slipway.build(sha);
      return build?.finishedAt ? (build as BuildJson) : undefined;
    },
    60_000,
  );

/** Every build of a commit, newest first. */
export async function buildsOf({ url }: Slipway, sha: string): Promise<BuildJson[]> {
  const answer = await fetch(`${url}/api/builds?sha=${sha}`);
  return ((await answer.json()) as { builds: BuildJson[] }).builds;
}

/** The completed check run of a build. */
export const completed = ({ github }: Slipway, id: string) =>
  until('the check is completed', () =>
    github
      .checkRuns()
      .find(({ externalId, status }) => externalId === id && status === 'completed'),
  );

/** Cancels a build as somebody who may write to its repository. */
export async function cancel({ github, url }: Slipway, { id, repo }: BuildJson): Promise<Response> {
  const writer = github.user('will', { access: { [String(repo)]: 'write' } });
  const headers = { authorization: `Bearer ${writer.token}` };
  return fetch(`${url}/api/builds/${id}/cancel`, { method: 'POST', headers });
}

/** The digest of a tag in the registry over plain HTTP, or null if there is none. */
export async function digestOf(image: string, tag: string): Promise<string | null> {
  const [host, ...path] = image.split('/');
  const answer = await fetch(`http://${host}/v2/${path.join('/')}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  });
  await answer.body?.cancel();
  return answer.ok ? answer.headers.get('docker-content-digest') : null;
}
