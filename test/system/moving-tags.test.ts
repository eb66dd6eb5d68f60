import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { atStep, completed, digestOf, dockerfile, ended } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';

jest.setTimeout(90_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway({ env: { CONCURRENCY: '2' } });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

test('an older push that finishes later keeps its own tag and takes no other', async () => {
  const repo = await slipway.github.createRepository('acme', 'race');
  const push = async (run: string) => {
    const sha = await repo.commit({ files: dockerfile(run), message: run });
    await repo.push({ ref: 'refs/heads/main', after: sha });
    return sha;
  };
  const older = await push('sleep 6; echo older > /which');
  await atStep(slipway, older, 'build');
  const newer = await push('echo newer > /which');
  const second = await ended(slipway, newer);
  expect(second).toMatchObject({ state: 'succeeded', tags: [newer, 'main', 'latest'] });
  expect(await slipway.build(older)).toMatchObject({ state: 'running' });

  const first = await ended(slipway, older);
  expect(first).toMatchObject({ state: 'succeeded', tags: [older] });
  expect(first.digest).not.toBe(second.digest);
  const image = String(first.image);
  expect(await digestOf(image, older)).toBe(first.digest);
  for (const tag of ['main', 'latest', newer]) {
    expect(await digestOf(image, tag)).toBe(second.digest);
  }
  for (const tag of ['main', 'latest']) {
    expect(first.reason).toContain(`${tag} stays at ${newer.slice(0, 7)}, which is newer.`);
  }
  const { title, summary } = await completed(slipway, first.id);
  expect(title).toContain(`main stays at ${newer.slice(0, 7)}`);
  expect(summary).not.toContain('`latest`');
  const log = await (await fetch(`${slipway.url}/api/builds/${first.id}/log`)).text();
  expect(log).toContain(`latest stays at ${newer.slice(0, 7)}`);
});
