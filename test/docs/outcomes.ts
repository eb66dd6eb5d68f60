import { decide } from '../../app/plan/decide.ts';
import { readPatterns } from '../../app/plan/matches.ts';
import { isInNamespace } from '../../app/plan/namespaces.ts';
import type { Rule } from '../../app/plan/rule.ts';
import { type Subject, tagContextOf } from '../../app/plan/subject.ts';
import { labelsOf } from '../../app/tags/labels.ts';
import { tagsOf, versionOf } from '../../app/tags/version.ts';

const sha = '3f2a9c1d0b7e48a6c5d4e3f2a1b0c9d8e7f6a5b4';
const now = new Date('2026-11-24T12:00:00Z');

/** The repository of the examples in the documentation. */
export const repository = {
  ...{ id: 1, fullName: 'acme/web', private: false, defaultBranch: 'main', description: null },
  ...{ htmlUrl: '', license: null, installationId: 1 },
};

/** What a rule does with the first cell of a row of a table; `heading` says which kind it is. */
export function outcomeOf(heading: string, rule: Rule, cell: string): string | Promise<string> {
  const outcome = outcomes[heading];
  if (!outcome) throw new Error(`Nobody knows what a table “${heading}” says.`);
  return outcome(rule, cell);
}

const outcomes: Record<string, (rule: Rule, cell: string) => string | Promise<string>> = {
  'pushed | tags': (rule, pushed) => {
    const version = versionOf(rule.tags, rule.flavor, tagContextOf(subjectOf(pushed), now));
    // The tables leave out the commit's own tag, which is always there.
    return tagsOf(version, rule.flavor)
      .filter((tag) => tag !== sha)
      .map((tag) => tag.replace(sha.slice(0, 7), '<short>'))
      .join(' ');
  },
  'pushed | built': async (rule, pushed) => {
    // Neither a store nor a forge is asked about a rule without paths.
    const decision = await decide({} as Parameters<typeof decide>[0], subjectOf(pushed), rule);
    return 'build' in decision ? 'yes' : 'no';
  },
  'changed file | built': (rule, file) =>
    readPatterns(rule.paths ?? []).matches(file) ? 'yes' : 'no',
  "IMAGE_NAMESPACES of acme's push | built": (rule, cell) => {
    const namespaces = cell.split(',').map((entry) => entry.trim());
    const operator = { registry: 'registry.example.com', namespaces };
    return isInNamespace(operator, repository, rule.image) ? 'yes' : 'no';
  },
  'label | value': (rule, label) => {
    const context = tagContextOf(subjectOf('branch main'), now);
    const version = tagsOf(versionOf(rule.tags, rule.flavor, context), rule.flavor);
    const [main] = version.filter((tag) => tag !== sha);
    const named = { ...repository, name: 'web' };
    return labelsOf(named, main, context, rule.labels)[label] ?? 'none';
  },
};

/** What `branch main`, `tag v1` or `pull request 7` in a cell stands for. */
function subjectOf(pushed: string): Subject {
  const [, kind = '', name = '1'] = /^(branch|tag|pull request)(?: (.+))?$/.exec(pushed) ?? [];
  const refs: Record<string, string> = {
    branch: `refs/heads/${name}`,
    tag: `refs/tags/${name}`,
    'pull request': `refs/pull/${name}/head`,
  };
  const ref = refs[kind];
  if (!ref) throw new Error(`“${pushed}” is nothing that can be pushed.`);
  const isPull = kind === 'pull request';
  return {
    ...{ repository, sha, ref, before: null, message: '', author: '', pushedAt: 0, cause: [] },
    ...{ forced: false, follows: null, cache: true },
    event: isPull ? 'pull_request' : 'push',
    baseRef: isPull ? 'main' : null,
    committedAt: now,
    // A fork's, so that nobody looks for a build that a push of its branch made.
    pullRequest: isPull ? { number: Number(name), isFork: true } : null,
  };
}
