import type { Repository } from '../../queue/build.ts';
import { imageName } from './image-name.ts';

/**
 * Whether a repository's owner may push an image: below `<registry>/<owner>/`, or below one of the
 * operator's namespaces, each `<registry>/<path>` for everybody or `<owner>=<registry>/<path>`.
 */
export function isInNamespace(
  { registry, namespaces }: { registry: string; namespaces: string[] },
  repository: Repository,
  image: string,
): boolean {
  const owner = repository.fullName.split('/')[0]?.toLowerCase();
  const own = imageName(registry, repository);
  const allowed = namespaces.flatMap((entry) => {
    const [who, path] = entry.includes('=') ? entry.split('=', 2) : [owner, entry];
    return who?.toLowerCase() === owner && path ? [path.replace(/\/+$/, '')] : [];
  });
  return [own.slice(0, own.lastIndexOf('/')), ...allowed].some((path) =>
    image.startsWith(`${path}/`),
  );
}
