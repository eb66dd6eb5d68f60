import type { Recipe, Repository } from '../../queue/build.ts';
import type { WrittenRule } from '../rules/rules-schema.ts';
import { type Flavor, readFlavor } from '../tags/flavor.ts';
import { readTagLines, type TagLine, TagMistake } from '../tags/tag-line.ts';
import { imageName } from './image-name.ts';
import { readPatterns } from './matches.ts';

/** A rule as planning uses it: complete, and checked as far as it can be without a commit. */
export type Rule = {
  /** Unique within the repository; the check is called `slipway / <name>`. */
  name: string;
  image: string;
  /** How to build; whether a cache may be used is for whoever asks for the build to say. */
  recipe: Omit<Recipe, 'cache'>;
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
  ...{ context: '.', dockerfile: 'Dockerfile', args: {}, secrets: [], ssh: [] },
  ...{ platforms: [], cancel_superseded: false, reuse: true },
};

/** What is wrong in one rule; each mistake's path begins at the rule. */
export class RuleMistakes extends Error {
  override name = 'RuleMistakes';
  readonly places: { path: PropertyKey[]; message: string }[];

  constructor(places: RuleMistakes['places']) {
    super(places.map(({ message }) => message).join(' '));
    this.places = places;
  }
}

/** Completes a rule. Throws RuleMistakes for tags, flavor or patterns that mean nothing. */
export function completeRule(registry: string, repository: Repository, rule: WrittenRule): Rule {
  const places: RuleMistakes['places'] = [];
  const at = <T>(path: PropertyKey[], otherwise: T, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof TagMistake)) throw error;
      places.push({ path, message: error.message });
      return otherwise;
    }
  };
  const { name, context, dockerfile, target, args, secrets, ssh, platforms, on, paths } = rule;
  const own = imageName(registry, repository);
  let size = 0;
  const patterns = (path: PropertyKey[], list: string[] | undefined) =>
    list?.forEach((pattern, i) => {
      at([...path, i], undefined, () => {
        if (size <= mostSteps) size += readPatterns([pattern]).size;
        if (size > mostSteps) throw new TagMistake('All patterns together are too large.');
      });
    });
  patterns(['on', 'branches'], on?.branches);
  patterns(['on', 'tags'], on?.tags);
  patterns(['paths'], paths);
  const isDefault = rule.tags === undefined;
  const complete = {
    name: name ?? 'image',
    image: rule.image ?? (name ? `${own}/${name}` : own),
    recipe: {
      ...{ context, dockerfile, secrets, ssh, platforms, reuse: rule.reuse },
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
    tags: at(['tags'], [], () => readTagLines(isDefault ? defaultTags : linesOf(rule.tags ?? []))),
    flavor: at(['flavor'], readFlavor([]), () =>
      readFlavor(isDefault ? ['latest=false'] : linesOf(rule.flavor ?? [])),
    ),
    labels: at(['labels'], [], () => labelLines(rule.labels ?? [])),
    cancelSuperseded: rule.cancel_superseded,
  };
  if (places.length > 0) throw new RuleMistakes(places);
  return complete;
}

/** What all patterns of a rule may come to, in instructions. */
const mostSteps = 10_000;

/** More lines than this are a mistake: each of them is a template to be compiled. */
const mostLines = 64;

/** Lines as docker/metadata-action reads them: without blank ones and comments. */
function linesOf(written: string | string[]): string[] {
  const lines = typeof written === 'string' ? written.split(/\r?\n/) : written;
  const real = lines.map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
  if (real.length <= mostLines) return real;
  throw new TagMistake(`There are ${real.length} lines; allowed are ${mostLines}.`);
}

const labelLines = (labels: NonNullable<WrittenRule['labels']>): string[] =>
  typeof labels === 'string' || Array.isArray(labels)
    ? linesOf(labels)
    : Object.entries(labels).map(([key, value]) => `${key}=${value}`);

const units = { s: 1_000, m: 60_000, h: 3_600_000 };

const milliseconds = (text: string): number =>
  Number.parseInt(text, 10) * units[text.at(-1) as keyof typeof units];
