import { createHash } from 'node:crypto';
import type { NewBuild } from '../../queue/build-store.ts';
import { beginningOf } from '../../queue/text.ts';
import type { Planner } from './planner.ts';
import type { Rule } from './rule.ts';
import { ruleWithoutFile } from './rule.ts';
import { causeOf, queuedBranch, type Subject } from './subject.ts';

/** A build's id follows from what asked for it, so that asking twice makes one build. */
export const buildId = (...cause: string[]): string =>
  `b${createHash('sha256').update(cause.join('\0')).digest('hex').slice(0, 23)}`;

/** The page of a build. */
export const buildUrl = (publicUrl: string, id: string): string => `${publicUrl}/builds/${id}`;

/** The build of a rule at a commit, before anything has happened to it. */
export function newBuild(
  { publicUrl, mayBeKnown }: Pick<Planner, 'publicUrl' | 'mayBeKnown'>,
  subject: Subject,
  rule: Pick<Rule, 'name' | 'image'> &
    Partial<Pick<Rule, 'recipe'>> & {
      tags: string[];
      labels: Record<string, string>;
      notifies?: boolean;
    },
): NewBuild {
  const { repository, ref, sha, pushedAt, message, author, pullRequest } = subject;
  const { forced, follows, cache } = subject;
  const id = buildId(...subject.cause, rule.name);
  const { name, image, tags, labels, recipe = emptyRecipe } = rule;
  return {
    ...{ id, repository, sha, ref, name, image, tags, labels, pushedAt, pullRequest },
    ...{ forced, follows },
    // The check of the build that was forgotten is looked for, so that there is no second one.
    ...(mayBeKnown && { reported: 'beginning' }),
    repo: repository.fullName,
    // A fork's Dockerfile is a stranger's: it gets no secret and no key, whatever it asks for.
    recipe: { ...recipe, ...(pullRequest?.isFork && { secrets: [], ssh: [] }), cache },
    publish: pullRequest === null && queuedBranch(ref) === null,
    // A pull request's rules, or those of a commit by its id, may be a stranger's.
    notifies: rule.notifies === true && pullRequest === null && isBranchOrTag(ref),
    message: beginningOf(message.split('\n', 1)[0] ?? '', 200),
    author: beginningOf(author, 100),
    url: buildUrl(publicUrl, id),
    cause: causeOf(subject),
    retryOf: null,
  };
}

const isBranchOrTag = (ref: string): boolean => /^refs\/(heads|tags)\//.test(ref);

const emptyRecipe: Rule['recipe'] = {
  ...{ context: ruleWithoutFile.context, dockerfile: ruleWithoutFile.dockerfile, target: null },
  ...{ args: {}, secrets: [], ssh: [], platforms: [], test: null, timeout: null, reuse: true },
};
