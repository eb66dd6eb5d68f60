import type { Build } from '../../queue/build.ts';
import type { Store } from '../../queue/build-store.ts';
import { getRepository } from '../../queue/repositories.ts';

/** A build whose repository is as it is called, and where it belongs, by now. */
export async function inPresentRepository(store: Store, build: Build): Promise<Build> {
  const repository = (await getRepository(store, build.repository.id)) ?? build.repository;
  return { ...build, repository, repo: repository.fullName };
}
