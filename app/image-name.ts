import { createHash } from 'node:crypto';
import type { Repository } from '../queue/build.ts';
import type { Push } from '../queue/trigger.ts';

/** One component of a repository's name in a registry (OCI distribution specification, "Pulling manifests"). */
const component = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;

/**
 * Where a repository's image goes: `<registry>/<owner>/<repo>` in lower case. A name that GitHub
 * allows and registries do not, like `.github`, is cut to what they allow and gets a hash of the
 * repository's id, so that it is nobody else's.
 */
export function imageName(registry: string, { fullName, id }: Repository): string {
  const parts = fullName.toLowerCase().split('/');
  return [registry, ...parts.map((part) => nameable(part, id))].join('/');
}

/**
 * The tags a push asks for: the full commit id, which never moves, the branch or git tag, and
 * `latest` on the default branch.
 */
export function tagsFor({ ref, repository }: Push, sha: string): string[] {
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  const isDefault = ref === `refs/heads/${repository.defaultBranch}`;
  return [...new Set([sha, tagName(name), ...(isDefault ? ['latest'] : [])])];
}

/** The tag that never moves. */
export const isImmutable = (tag: string): boolean => /^[0-9a-f]{40}$/.test(tag);

/**
 * A branch's or git tag's name as an image tag, changed as docker/metadata-action changes it
 * (https://github.com/docker/metadata-action#typeref): what is not allowed becomes `-`.
 */
function tagName(name: string): string {
  const tag = name.replace(/[^\w.-]+/g, '-').slice(0, 128);
  return /^\w/.test(tag) && !isImmutable(tag) ? tag : `ref-${tag}`.slice(0, 128);
}

function nameable(part: string, id: number): string {
  if (component.test(part)) return part;
  const kept = part.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  const hash = createHash('sha256').update(String(id)).digest('hex').slice(0, 8);
  return kept ? `${kept}-${hash}` : hash;
}
