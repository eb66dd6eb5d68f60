import { afterAll, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { createExcerpts } from '../../../app/log/dockerfile-excerpt.ts';
import type { Failure } from '../../../queue/build.ts';
import { changeBuild, createBuild, getBuild } from '../../../queue/build-store.ts';
import { newBuild } from '../../queue/new-build.ts';
import { startWebInProcess } from '../web-in-process.ts';

jest.setTimeout(60_000);

const web = await startWebInProcess({ recheckInterval: 60_000, remembered: 60_000 });
const { store, github, forge } = web;
const log = pino({ level: 'silent' });

afterAll(async () => {
  await web.stop();
  expect(github.violations).toEqual([]);
});

/** Builds that failed at the third line of their Dockerfiles, each in a folder of its own. */
async function failedBuilds(name: string, count: number) {
  const folders = Array.from({ length: count }, (_, index) => `f${index}/Dockerfile`);
  const repository = await github.createRepository('acme', name);
  const sha = await repository.commit({
    files: Object.fromEntries(folders.map((path) => [path, 'FROM a\nRUN b\nRUN c\nRUN d\n'])),
  });
  const present = { fullName: `acme/${name}`, installationId: github.install('acme').id };
  const stored = { ...newBuild().repository, id: repository.id, ...present };
  const of = { sha, repo: stored.fullName, repository: stored };
  const builds = [];
  for (const path of folders) {
    const build = { ...newBuild(), ...of };
    await createBuild(store, build);
    await changeBuild(store, build.id, { to: 'running' });
    const failure: Failure = { step: 'build', path, line: 3, endLine: 3, lastLines: [] };
    await changeBuild(store, build.id, { to: 'failed', set: { failure } });
    builds.push((await getBuild(store, build.id))!);
  }
  return builds;
}

const askedFor = (name: string): number =>
  github.requests.filter(({ path }) => path.startsWith(`/repos/acme/${name}/contents/`)).length;

test('however often many pages are looked at, a file is asked for once', async () => {
  const excerptOf = createExcerpts(forge, log);
  const builds = await failedBuilds('looked-at', 60);
  const [first] = builds;
  const all = await Promise.all(Array.from({ length: 20 }, () => excerptOf(first!)));
  expect(new Set(all.map((one) => one?.find(({ isFailed }) => isFailed)?.text))).toEqual(
    new Set(['RUN c']),
  );
  for (const build of builds) await excerptOf(build);
  for (const build of builds) expect(await excerptOf(build)).toHaveLength(4);
  expect(askedFor('looked-at')).toBe(60);
});

test('a GitHub that refuses is not asked again at once', async () => {
  const excerptOf = createExcerpts(forge, log);
  const [build] = await failedBuilds('refused', 1);
  github.fault({ match: 'GET /repos/acme/refused/contents/*', times: 1, status: 403 });
  expect(await excerptOf(build!)).toBeNull();
  const before = askedFor('refused');
  for (let times = 0; times < 5; times += 1) expect(await excerptOf(build!)).toBeNull();
  expect(askedFor('refused')).toBe(before);
});
