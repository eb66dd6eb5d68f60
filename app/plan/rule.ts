import type { Recipe, Repository } from '../../queue/build.ts';
import type { WrittenRule } from '../rules/rules-schema.ts';
import { type Flavor, readFlavor } from '../tags/flavor.ts';
import { readTagLines, type TagLine } from '../tags/tag-line.ts';
import { imageName } from './image-name.ts';
import { checkPatterns } from './matches.ts';

/** A rule as planning uses it: complete, and checked as far as it can be without a commit. */
export type Rule = {
  /** Unique within the repository; the check is called `slipway / <name>`. */
  name: string;
  image: string;
  recipe: Recipe;
  /** What is built; null for every branch, tag and pull request. */
  on: { branches: string[] | null; tags: string[] | null; pullRequests: boolean } | null;
  paths: string[] | null;
  tags: TagLine[];
  flavor: Flavor;
  /** `key=value` lines. */
  labels: string[];
  cancelSuperseded: boolean;
};

/** The tags of a rule that names none: the commit, the branch or git tag, `latest` (design §5). */
const defaultTags = [
  'type=sha,format=long,prefix=',
  'type=ref,event=branch',
  'type=ref,event=tag',
  'type=ref,event=pr',
  'type=raw,value=latest,enable={{is_default_branch}}',
];

/** The rule of a repository without a rules file: its Dockerfile at the root. */
export const ruleWithoutFile: WrittenRule = {
  ...{ context: '.', dockerfile: 'Dockerfile', args: {}, secrets: [], platforms: [] },
  ...{ cancel_superseded: false, reuse: true },
};

/** Completes a rule. Throws TagMistake for tags, flavor or patterns that mean nothing. */
export function completeRule(registry: string, repository: Repository, rule: WrittenRule): Rule {
  const { name, context, dockerfile, target, args, secrets, platforms, on, paths } = rule;
  const own = imageName(registry, repository);
  checkPatterns([...(on?.branches ?? []), ...(on?.tags ?? []), ...(paths ?? [])]);
  return {
    name: name ?? 'image',
    image: rule.image ?? (name ? `${own}/${name}` : own),
    recipe: {
      ...{ context, dockerfile, secrets, platforms, reuse: rule.reuse },
      target: target ?? null,
      args: Object.fromEntries(Object.entries(args).map(([key, value]) => [key, String(value)])),
      test: rule.test ?? null,
      timeout: rule.timeout ? milliseconds(rule.timeout) : null,
    },
    on: on
      ? {
          branches: on.branches ?? null,
          tags: on.tags ?? null,
          pullRequests: on.pull_requests ?? false,
        }
      : null,
    paths: paths ?? null,
    tags: readTagLines(rule.tags === undefined ? defaultTags : linesOf(rule.tags)),
    flavor: readFlavor(rule.tags === undefined ? ['latest=false'] : linesOf(rule.flavor ?? [])),
    labels: labelLines(rule.labels ?? []),
    cancelSuperseded: rule.cancel_superseded,
  };
}

/** Lines as docker/metadata-action reads them: without blank ones and comments. */
function linesOf(written: string | string[]): string[] {
  const lines = typeof written === 'string' ? written.split(/\r?\n/) : written;
  return lines.map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
}

const labelLines = (labels: NonNullable<WrittenRule['labels']>): string[] =>
  typeof labels === 'string' || Array.isArray(labels)
    ? linesOf(labels)
    : Object.entries(labels).map(([key, value]) => `${key}=${value}`);

const units = { s: 1_000, m: 60_000, h: 3_600_000 };

const milliseconds = (text: string): number =>
  Number.parseInt(text, 10) * units[text.at(-1) as keyof typeof units];
