import type { Failure } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import { createBuild, type NewBuild, type Store } from '../../queue/build-store.ts';
import { enqueueBuild, enqueueReport } from '../../queue/queues.ts';
import { keyOf, type Mistake } from '../rules/mistakes.ts';
import { readRules, rulesPath } from '../rules/read-rules.ts';
import type { WrittenRule } from '../rules/rules-schema.ts';
import { labelsOf } from '../tags/labels.ts';
import { TagMistake } from '../tags/tag-line.ts';
import { decide } from './decide.ts';
import { isInNamespace } from './namespaces.ts';
import { buildId, newBuild } from './new-build.ts';
import type { Planner } from './planner.ts';
import { completeRule, type Rule, ruleWithoutFile } from './rule.ts';
import { type Subject, tagContextOf } from './subject.ts';
import { supersede } from './supersede.ts';
import { wantedTags } from './wanted-tags.ts';

/** What planning a commit came to: the builds there are for it now, and a sentence. */
export type Planned = { ids: string[]; outcome: string };

/**
 * Reads the rules at a commit and makes a build of each rule that is meant; `only` leaves all
 * others out. Everything that is wrong with the rules becomes a build that has failed already, so
 * that there is a check that says so. Planning the same cause again makes nothing twice.
 */
export async function planCommit(
  planner: Planner,
  subject: Subject,
  only?: string,
): Promise<Planned> {
  const { forge } = planner;
  const { repository, sha } = subject;
  const content = await forge.readFile(repository, sha, rulesPath);
  if (content === null && !(await forge.hasFile(repository, sha, 'Dockerfile'))) {
    const outcome = `Nothing to do: commit ${sha} has no Dockerfile at the root and no ${rulesPath}.`;
    return { ids: [], outcome };
  }
  const read = content === null ? { rules: [ruleWithoutFile] } : readRules(content);
  const rules = 'rules' in read ? completed(planner, subject, read.rules) : read;
  if ('mistakes' in rules) return planMistakes(planner, subject, rules.mistakes);
  const planned: Planned[] = [];
  for (const rule of rules.rules) {
    if (only === undefined || rule.name === only)
      planned.push(await planRule(planner, subject, rule));
  }
  return {
    ids: planned.flatMap(({ ids }) => ids),
    outcome: planned.map(({ outcome }) => outcome).join(' ') || `There is no rule ${only}.`,
  };
}

type Completed = { rules: Rule[] } | { mistakes: Mistake[] };

/** Completes every rule; what tags or patterns have wrong is a mistake of the file too. */
function completed(
  { registry }: Planner,
  { repository }: Subject,
  written: WrittenRule[],
): Completed {
  const mistakes: Mistake[] = [];
  const rules = written.flatMap((rule, i): Rule[] => {
    try {
      return [completeRule(registry, repository, rule)];
    } catch (error) {
      if (!(error instanceof TagMistake)) throw error;
      mistakes.push({ line: 1, column: 1, key: keyOf(['images', i]), message: error.message });
      return [];
    }
  });
  const images = rules.map(({ image }) => image);
  const double = images.find((image, i) => images.indexOf(image) < i);
  if (double) {
    const message = `Two rules push to ${double}; give one of them another image.`;
    mistakes.push({ line: 1, column: 1, key: 'images', message });
  }
  return mistakes.length > 0 ? { mistakes } : { rules };
}

async function planMistakes(
  planner: Planner,
  subject: Subject,
  mistakes: Mistake[],
): Promise<Planned> {
  const [first] = mistakes;
  const more = mistakes.length > 1 ? ` There are ${mistakes.length - 1} more mistakes.` : '';
  const place = first?.key ? `${first.key}: ` : '';
  const reason = `${rulesPath} line ${first?.line}: ${place}${first?.message}${more}`;
  const failure: Failure = {
    ...{ step: 'plan', path: rulesPath, line: first?.line ?? 1, endLine: first?.line ?? 1 },
    lastLines: [],
    mistakes,
  };
  const build = newBuild(planner, subject, { name: '', image: '', labels: {}, tags: [] });
  return create(planner, build, { reason, failure });
}

async function planRule(planner: Planner, subject: Subject, rule: Rule): Promise<Planned> {
  const decision = await decide(planner, subject, rule);
  if ('ignored' in decision) return { ids: [], outcome: `${rule.name}: ${decision.ignored}` };
  if ('skipped' in decision) return skip(planner, subject, rule, decision.skipped);
  const now = new Date();
  const context = tagContextOf(subject, now);
  try {
    const { tags, version } = await wantedTags(planner.store, rule, context);
    const labels = labelsOf(labelled(subject), version, context, rule.labels);
    const build = newBuild(planner, subject, { ...rule, tags, labels });
    const owner = subject.repository.fullName.split('/')[0] ?? '';
    if (isInNamespace(planner, subject.repository, rule.image)) {
      const planned = await create(planner, build);
      if (rule.cancelSuperseded) await supersede(planner, build);
      return planned;
    }
    const reason = `${rule.image} is not ${owner}’s to push to; an image must be below ${planner.registry}/${owner.toLowerCase()}/ or what the operator allows (IMAGE_NAMESPACES).`;
    return create(planner, build, { reason, failure: planFailure });
  } catch (error) {
    if (!(error instanceof TagMistake)) throw error;
    const build = newBuild(planner, subject, { ...rule, tags: [], labels: {} });
    return create(planner, build, { reason: error.message, failure: planFailure });
  }
}

const planFailure: Failure = {
  ...{ step: 'plan', path: rulesPath, line: 1, endLine: 1, lastLines: [] },
};

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
  if (!end) await enqueueBuild(queues, build.id);
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
