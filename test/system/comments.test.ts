import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import type { Delivery } from '../github/records.ts';
import { buildsOf, digestOf, ended } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
let redis: Redis;
const files = { Dockerfile: 'FROM slipway-test/base:1\nCOPY . /src\n' };

beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** What the record of a delivery says became of it. */
const outcomeOf = ({ guid }: Delivery): Promise<string> =>
  until('the delivery is dealt with', async () => {
    const outcome = await redis.hget(keysUnder('slipway').delivery(guid), 'outcome');
    return outcome === 'Waiting to be planned.' ? undefined : (outcome ?? undefined);
  });

const waitingChecks = (sha: string) =>
  slipway.github
    .checkRuns()
    .filter((run) => run.headSha === sha && run.name === 'slipway / approval');

const waits = (sha: string) => until('the commit waits', () => waitingChecks(sha)[0]);

/** A built repository, a fork of it with a pull request that waits, a reader and a writer. */
async function forked(name: string) {
  const { github } = slipway;
  const repo = await github.createRepository('acme', name);
  const sha = await repo.commit({ files, branch: 'main' });
  const fork = await github.fork(repo, 'stranger');
  const commit = (text: string) =>
    fork.commit({ branch: 'fix', files: { ...files, [name]: text } });
  const head = await commit('1');
  const { pull } = await github.openPullRequest({ into: repo, from: fork, branch: 'fix' });
  await waits(head);
  github.user('rita', { access: { [`acme/${name}`]: 'read' } });
  github.user('will', { access: { [`acme/${name}`]: 'write' } });
  return { repo, sha, commit, head, pull };
}

/** GitHub's clock shows seconds: what is later for sure. */
const later = () => Date.now() + 2_000;

const order = '/slipway build';

test('a writer’s comment builds the fork’s commit that was its head, and no other', async () => {
  const { commit, head, pull } = await forked('commented');
  const { comment, updatePullRequest } = slipway.github;
  const strangers = await comment(pull, order, { sender: 'stranger', writtenAt: later() });
  expect(await outcomeOf(strangers)).toBe('Refused: stranger may not write to acme/commented.');
  const readers = await comment(pull, order, { sender: 'rita', writtenAt: later() });
  expect(await outcomeOf(readers)).toBe('Refused: rita may not write to acme/commented.');
  expect(await buildsOf(slipway, head)).toEqual([]);
  expect(waitingChecks(head)).toHaveLength(1);

  const text = `Looks good.\r\n\r\n${order}\r\n`;
  const given = await comment(pull, text, { sender: 'will', writtenAt: later() });
  expect(await outcomeOf(given)).toMatch(/^Planned build /);
  const build = await ended(slipway, head);
  expect(build).toMatchObject({
    ...{ state: 'succeeded', digest: null, publish: false },
    pullRequest: { number: 1, isFork: true },
  });
  expect(await digestOf(String(build.image), head)).toBeNull();
  await until('the check says who', () =>
    waitingChecks(head).find(({ title }) => title === 'Allowed by will'),
  );

  const next = await commit('2');
  await updatePullRequest(pull, 'synchronize');
  await waits(next);
  expect(await buildsOf(slipway, next)).toEqual([]);
  const named = await comment(pull, `${order} ${next}`, { sender: 'will' });
  expect(await outcomeOf(named)).toMatch(/^Planned build /);
  expect(await ended(slipway, next)).toMatchObject({ state: 'succeeded' });
});

test('a commit pushed while the comment was written is not built by it', async () => {
  const { commit, head, pull } = await forked('raced');
  const { comment, updatePullRequest } = slipway.github;
  const before = Date.now() - 1_000;
  const sneaked = await commit('sneaked in');
  await updatePullRequest(pull, 'synchronize');
  const check = await waits(sneaked);
  const old = await comment(pull, order, { sender: 'will', writtenAt: before });
  expect(await outcomeOf(old)).toBe(
    `Refused: Commit ${sneaked} may have come after the comment was written.`,
  );
  const refused = await until('the check says why', () =>
    waitingChecks(sneaked).find(({ externalId }) => externalId.includes('refused')),
  );
  expect(refused).toMatchObject({ conclusion: 'action_required', actions: check.actions });
  expect(refused.summary).toContain(`/slipway build ${sneaked}`);
  const short = sneaked.slice(0, 7);
  // Its owner can make a commit that begins with any seven digits.
  const brief = await comment(pull, `${order} ${short}`, { sender: 'will', writtenAt: before });
  expect(await outcomeOf(brief)).toMatch(/^Refused: .* may have come after/);
  const other = await comment(pull, `${order} ${head}`, { sender: 'will', writtenAt: later() });
  expect(await outcomeOf(other)).toBe(
    `Refused: the head of pull request 1 is ${sneaked}, not ${head}.`,
  );

  // A push of which no delivery has told yet: GitHub itself says what the head is.
  const unheard = await commit('unheard of');
  await updatePullRequest(pull, 'synchronize', { signature: 'sha256=0' });
  const blind = await comment(pull, order, { sender: 'will', writtenAt: later() });
  expect(await outcomeOf(blind)).toBe(
    `Refused: Commit ${unheard} was not known when that was ordered.`,
  );
  for (const sha of [head, sneaked, unheard]) expect(await buildsOf(slipway, sha)).toEqual([]);
  const exact = await comment(pull, `${order} ${unheard}`, { sender: 'will' });
  expect(await outcomeOf(exact)).toMatch(/^Planned build /);
  expect(await ended(slipway, unheard)).toMatchObject({ state: 'succeeded' });
});

test('comments that order nothing do nothing, and their records say why', async () => {
  const { repo, head, pull } = await forked('chatted');
  const { comment, commentOnIssue } = slipway.github;
  const will = { sender: 'will', writtenAt: later() };
  const nothing = 'The comment asks for nothing.';
  const fenced = `Write this:\n\`\`\`\n${order}\n\`\`\`\n`;
  for (const text of ['fine', `> ${order}`, `${order} it`, `say ${order}`, fenced]) {
    expect(await outcomeOf(await comment(pull, text, will))).toBe(nothing);
  }
  const edited = await comment(pull, order, { ...will, was: 'fine' });
  expect(await outcomeOf(edited)).toBe('issue_comment.edited is not acted on.');
  const bots = await comment(pull, order, { ...will, bot: true });
  expect(await outcomeOf(bots)).toBe('The comment was not written by a person.');
  expect(await outcomeOf(await commentOnIssue(repo, order, will))).toBe(
    'Issue 99 is no pull request.',
  );
  await slipway.github.updatePullRequest(pull, 'closed');
  expect(await outcomeOf(await comment(pull, order, will))).toBe(
    'Nothing to do: pull request 1 is not open.',
  );
  expect(await buildsOf(slipway, head)).toEqual([]);
  expect(waitingChecks(head)).toHaveLength(1);
});

test('below a pull request of the repository’s own a writer’s comment builds it again', async () => {
  const { repo, sha } = await forked('own');
  const { comment, openPullRequest } = slipway.github;
  const head = await repo.commit({ branch: 'topic', parent: sha, files: { a: '1' } });
  const { pull } = await openPullRequest({ into: repo, from: repo, branch: 'topic' });
  await ended(slipway, head);
  expect(await outcomeOf(await comment(pull, order, { sender: 'rita' }))).toMatch(/^Refused: rita/);
  const given = await comment(pull, order, { sender: 'will', times: 2 });
  expect(await outcomeOf(given)).toMatch(/^Planned build /);
  const again = await until('both have ended', async () => {
    const builds = await buildsOf(slipway, head);
    return builds.length === 2 && builds.every(({ finishedAt }) => finishedAt) ? builds : undefined;
  });
  expect(again[0]).toMatchObject({
    ...{ state: 'succeeded', publish: false, ref: 'refs/pull/2/head' },
    wantedTags: [head, 'pr-2'],
  });
});
