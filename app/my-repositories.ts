import type { Repository } from '../queue/build.ts';
import { allRepositories } from '../queue/repositories.ts';
import type { WebDeps } from './web-deps.ts';

/** The repositories that Slipway knows and the bearer of a token, or a stranger, may read; in no order. */
export async function myRepositories(
  { store, gate }: Pick<WebDeps, 'store' | 'gate'>,
  token: string | null,
): Promise<Repository[]> {
  const known = await allRepositories(store);
  const may = await Promise.all(known.map((repository) => gate.mayRead(token, { repository })));
  return known.filter((_, index) => may[index]);
}
