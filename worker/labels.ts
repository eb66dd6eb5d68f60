import type { Build } from '../queue/build.ts';

/**
 * The eight labels that docker/metadata-action sets
 * (https://github.com/opencontainers/image-spec/blob/main/annotations.md).
 */
export function labelsFor(build: Build): Record<string, string> {
  const { repository, ref, sha, createdAt } = build;
  const labels = {
    title: repository.fullName.split('/')[1] ?? '',
    description: repository.description ?? '',
    url: repository.htmlUrl,
    source: repository.htmlUrl,
    version: ref.replace(/^refs\/(heads|tags)\//, ''),
    created: createdAt,
    revision: sha,
    licenses: repository.license ?? '',
  };
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [`org.opencontainers.image.${name}`, value]),
  );
}
