import type { Repository } from '../queue/build.ts';
import { allRepositories } from '../queue/repositories.ts';
import type { WebDeps } from './web-deps.ts';

/**
 * The repositories that Slipway knows and that are the bearer's of a token, by the forge's answer of
 * the last minute; for a stranger those that everybody may read. In no order. Throws if the forge
 * does not answer.
 */
export async function myRepositories(
  { store, gate }: Pick<WebDeps, 'store' | 'gate'>,
  token: string | null,
): Promise<Repository[]> {
  const known = await allRepositories(store);
  const shared = token === null ? null : await gate.sharedWith(token);
  if (shared) return known.filter(({ id }) => shared.has(id));
  const may = await Promise.all(known.map((repository) => gate.mayRead(null, { repository })));
  return known.filter((_, index) => may[index]);
}
