import { cacheSuffix, type Failure } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import { createBuild, type NewBuild, type Store } from '../../queue/build-store.ts';
import { enqueueBuild, enqueueReport } from '../../queue/queues.ts';
import type { Mistake } from '../rules/mistakes.ts';
import { type ReadRules, readRules, rulesPath } from '../rules/read-rules.ts';
import { renderGlobal } from '../tags/expressions.ts';
import { labelsOf } from '../tags/labels.ts';
import { TagMistake } from '../tags/tag-line.ts';
import { completeRules, type PlacedRule, withoutFile } from './complete-rules.ts';
import { decide } from './decide.ts';
import { knownCommit } from './known-commit.ts';
import { failureOf } from './mistaken.ts';
import { isInNamespace } from './namespaces.ts';
import { buildId, newBuild } from './new-build.ts';
import type { Planner } from './planner.ts';
import { type Rule, RuleMistakes } from './rule.ts';
import { type Subject, tagContextOf } from './subject.ts';
import { supersede } from './supersede.ts';
import { wantedTags } from './wanted-tags.ts';

/** What planning a commit came to: the builds there are for it now, and a sentence. */
export type Planned = { ids: string[]; outcome: string };

/**
 * Reads the rules at a commit and makes a build of each rule that is meant; `only` leaves all
 * others out. Everything that is wrong with the rules becomes a build that has failed already, so
 * that there is a check that says so. Planning the same cause again makes nothing twice. Throws as
 * knownCommit does.
 */
export async function planCommit(
  planner: Planner,
  subject: Subject,
  only?: string,
): Promise<Planned> {
  const { repository, sha } = subject;
  let { content, hasDockerfile } = await look(planner, subject);
  if (content === null && !hasDockerfile) {
    await knownCommit(planner, repository, sha);
    // What was seen before may be of a moment when it was not.
    ({ content, hasDockerfile } = await look(planner, subject));
  }
  if (content === null && !hasDockerfile) {
    const outcome = `Nothing to do: commit ${sha} has no Dockerfile at the root and no ${rulesPath}.`;
    return { ids: [], outcome };
  }
  const read = readAt(content);
  const found = 'rules' in read ? completeRules(planner.registry, repository, read) : read;
  if ('mistakes' in found) return planMistakes(planner, subject, found.mistakes);
  const planned: Planned[] = [];
  for (const rule of found.rules) {
    if (only === undefined || rule.name === only)
      planned.push(await planRule(planner, subject, rule));
  }
  return {
    ids: planned.flatMap(({ ids }) => ids),
    outcome: planned.map(({ outcome }) => outcome).join(' ') || `There is no rule ${only}.`,
  };
}

/** What is at a commit that rules, or a lack of them, may come of. */
async function look({ forge }: Planner, { repository, sha }: Subject) {
  // Asked at once, though a rules file makes the second answer needless: most have none.
  const [content, hasDockerfile] = await Promise.all([
    forge.readFile(repository, sha, rulesPath),
    forge.hasFile(repository, sha, 'Dockerfile'),
  ]);
  return { content, hasDockerfile };
}

/** The rules that what is at the file's path gives, were it nothing. */
function readAt(content: Awaited<ReturnType<Planner['forge']['readFile']>>): ReadRules {
  if (content === null) return withoutFile;
  if (typeof content === 'string') return readRules(content);
  const message = `There is a ${content.noFile} where a file of YAML is meant.`;
  return { mistakes: [{ line: 1, column: 1, key: '', message }] };
}

async function planMistakes(
  planner: Planner,
  subject: Subject,
  mistakes: Mistake[],
): Promise<Planned> {
  const build = newBuild(planner, subject, { name: '', image: '', labels: {}, tags: [] });
  return create(planner, build, failureOf(mistakes));
}

async function planRule(planner: Planner, subject: Subject, rule: PlacedRule): Promise<Planned> {
  const decision = await decide(planner, subject, rule);
  if ('ignored' in decision) return { ids: [], outcome: `${rule.name}: ${decision.ignored}` };
  if ('skipped' in decision) return skip(planner, subject, rule, decision.skipped);
  const now = new Date();
  const context = tagContextOf(subject, now);
  const owner = subject.repository.fullName.split('/')[0] ?? '';
  try {
    const { prefix, suffix } = rule.flavor;
    await keyed(
      'flavor',
      async () => void [prefix, suffix].map((part) => renderGlobal(part, context)),
    );
    const { tags, version } = await keyed('tags', () => wantedTags(planner.store, rule, context));
    const labels = await keyed('labels', async () =>
      labelsOf(labelled(subject), version, context, rule.labels),
    );
    if (!isInNamespace(planner, subject.repository, rule.image)) {
      const message = `${rule.image} is not ${owner}’s to push to; an image must be below ${planner.registry}/${owner.toLowerCase()}/ or what the operator allows (IMAGE_NAMESPACES).`;
      throw new RuleMistakes([{ path: ['image'], message }]);
    }
    if (rule.image.endsWith(cacheSuffix)) {
      const message = `${rule.image} ends in ${cacheSuffix}, where Slipway keeps layers; name another image.`;
      throw new RuleMistakes([{ path: ['image'], message }]);
    }
    const build = newBuild(planner, subject, { ...rule, tags, labels });
    const planned = await create(planner, build);
    if (rule.cancelSuperseded) await supersede(planner, build);
    return planned;
  } catch (error) {
    if (!(error instanceof RuleMistakes)) throw error;
    const build = newBuild(planner, subject, { ...rule, tags: [], labels: {} });
    return create(planner, build, failureOf(error.places.map(rule.locate)));
  }
}

/** A mistake that shows only at a commit, as one of the key that it comes from. */
async function keyed<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TagMistake)) throw error;
    throw new RuleMistakes([{ path: [key], message: error.message }]);
  }
}

const labelled = ({ repository }: Subject) => ({
  ...repository,
  name: repository.fullName.split('/')[1] ?? '',
});

async function create(
  { store, queues }: Planner,
  build: NewBuild,
  end?: { reason: string; failure: Failure },
): Promise<Planned> {
  const isNew = await createBuild(store, build, end);
  if (!end) await enqueueBuild(queues, store, build);
  await enqueueReport(queues, build.id);
  const what = end ? `Build ${build.id} failed: ${end.reason}` : `Planned build ${build.id}.`;
  return { ids: [build.id], outcome: isNew ? what : `Build ${build.id} was planned already.` };
}

/**
 * A rule that is left out says so in a check, but only where somebody may wait for one: on pull
 * requests, and where the repository had a check of that name before.
 */
async function skip(
  { store, forge }: Planner,
  subject: Subject,
  rule: Rule,
  why: string,
): Promise<Planned> {
  const { repository, sha, event } = subject;
  if (event === 'pull_request' || (await wasEverBuilt(store, repository.id, rule.name))) {
    await forge.postCheck(repository, sha, {
      name: `slipway / ${rule.name}`,
      externalId: `skipped-${buildId(...subject.cause, rule.name)}`,
      conclusion: 'skipped',
      title: 'Nothing to build',
      summary: why,
      actions: [],
    });
  }
  return { ids: [], outcome: `${rule.name}: skipped. ${why}` };
}

async function wasEverBuilt(store: Store, repositoryId: number, name: string): Promise<boolean> {
  const isOfRule = async (build: { name: string }) => build.name === name;
  return (await listBuilds(store, { repositoryId }, { limit: 1 }, isOfRule)).builds.length > 0;
}
