import { createHash } from 'node:crypto';
import type { Repository } from '../../queue/build.ts';
import { nameComponent } from '../rules/image-reference.ts';

/**
 * Where a repository's image goes: `<registry>/<owner>/<repo>` in lower case. A name that GitHub
 * allows and registries do not, like `.github`, is cut to what they allow and gets a hash of the
 * repository's id, so that it is nobody else's.
 */
export function imageName(registry: string, { fullName, id }: Repository): string {
  const parts = fullName.toLowerCase().split('/');
  return [registry, ...parts.map((part) => nameable(part, id))].join('/');
}

/** The tag that never moves. */
export const isImmutable = (tag: string): boolean => /^[0-9a-f]{40}$/.test(tag);

function nameable(part: string, id: number): string {
  if (nameComponent.test(part)) return part;
  const kept = part.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  const hash = createHash('sha256').update(String(id)).digest('hex').slice(0, 8);
  return kept ? `${kept}-${hash}` : hash;
}
