import type { Repository } from '../../queue/build.ts';
import type { BuildFilter } from '../../queue/build-filter.ts';
import { listBuilds } from '../../queue/build-list.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { newerPage } from '../../queue/newer-builds.ts';
import { ruleNames } from '../../queue/rule-names.ts';
import { type ImageTag, listImages } from '../images/list-images.ts';
import type { BuildQuery } from '../routes/query.ts';
import type { WebDeps } from '../web-deps.ts';

/** What the page of a repository shows. */
export type Overview = {
  repository: Repository;
  builds: StoredBuild[];
  /** The `seq` below which the older builds begin; null on the last page. */
  older: number | null;
  /** The same of the newer ones; `first` for the page without one, null on the first page. */
  newer: number | 'first' | null;
  /** The names of its rules, as far as they were built lately. */
  rules: string[];
  images: ImageTag[];
  /** Whether there are more images than that. */
  hasMoreImages: boolean;
};

/** So many builds are on a page, and in its chart. */
export const buildsOnPage = 50;

const imagesOnPage = 20;

/** Reads what the page of a repository shows to somebody who may read it. */
export async function readOverview(
  { store }: Pick<WebDeps, 'store'>,
  repository: Repository,
  query: BuildQuery,
): Promise<Overview> {
  const filter = filterOf(repository, query);
  const before = query.cursor;
  const page = { limit: buildsOnPage, ...(before !== undefined && { before }) };
  const [found, newer, rules, { images, next }] = await Promise.all([
    listBuilds(store, filter, page, async () => true),
    before === undefined
      ? null
      : newerPage(store, filter, { limit: buildsOnPage, before }).then((seq) => seq ?? 'first'),
    ruleNames(store, repository.id),
    listImages(store, repository, { limit: imagesOnPage }),
  ]);
  const { builds, next: older } = found;
  return { repository, builds, older, newer, rules, images, hasMoreImages: next !== null };
}

const filterOf = (
  { id: repositoryId }: Repository,
  { state, ref, sha, name, q }: BuildQuery,
): BuildFilter & { repositoryId: number } => ({
  repositoryId,
  ...(state && { state }),
  ...(ref && { ref }),
  ...(sha && { sha }),
  ...(name !== undefined && { name }),
  ...(q && { text: q }),
});
