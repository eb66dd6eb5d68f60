import { renderGlobal } from './expressions.ts';
import type { TagContext } from './tag-context.ts';

/** What the labels say of the repository. */
export type LabelledRepository = {
  name: string;
  description: string | null;
  htmlUrl: string;
  /** An SPDX identifier. */
  license: string | null;
};

/**
 * The eight `org.opencontainers.image.*` labels that docker/metadata-action sets, then the rule's
 * own `key=value` lines, whose expressions are rendered; a later one replaces an earlier.
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export function labelsOf(
  repository: LabelledRepository,
  version: string | undefined,
  context: TagContext,
  own: string[],
): Record<string, string> {
  const standard = {
    title: repository.name,
    description: repository.description ?? '',
    url: repository.htmlUrl,
    source: repository.htmlUrl,
    version: version ?? '',
    created: context.now.toISOString(),
    revision: context.sha,
    licenses: repository.license ?? '',
  };
  const pairs = Object.entries(standard).map(([key, value]) => [
    `org.opencontainers.image.${key}`,
    value,
  ]);
  const ownPairs = own.flatMap((line) => {
    const [key = '', ...rest] = renderGlobal(line, context).split('=');
    // As in metadata-action, a line without `=` is no label.
    return rest.length > 0 ? [[key, rest.join('=')]] : [];
  });
  const all: Record<string, string> = Object.fromEntries([...pairs, ...ownPairs]);
  const keys = Object.keys(all).sort((a, b) => a.localeCompare(b));
  return Object.fromEntries(keys.map((key) => [key, all[key] ?? '']));
}
