import type { StoredBuild } from '../../queue/build-store.ts';

/** Where people read about a build's source; null without GitHub, where there are no such pages. */
const sourceUrl = ({ repository }: StoredBuild): string | null =>
  repository.installationId === null ? null : repository.htmlUrl;

/** The page of a build's commit. */
export const commitUrl = (build: StoredBuild): string | null => {
  const url = sourceUrl(build);
  return url && `${url}/commit/${build.sha}`;
};

/** The page of a build's branch or tag; null for a pull request's ref and for none. */
export const refUrl = (build: StoredBuild): string | null => {
  const url = sourceUrl(build);
  const name = /^refs\/(?:heads|tags)\/(.+)$/.exec(build.ref)?.[1];
  return url && name !== undefined ? `${url}/tree/${pathOf(name)}` : null;
};

/** The page of a build's pull request, if it has one. */
export const pullRequestUrl = (build: StoredBuild): string | null => {
  const url = sourceUrl(build);
  return url && build.pullRequest && `${url}/pull/${build.pullRequest.number}`;
};

/** The page of a file at a build's commit. */
export const fileUrl = (build: StoredBuild, path: string): string | null => {
  const url = sourceUrl(build);
  return url && `${url}/blob/${build.sha}/${pathOf(path)}`;
};

const pathOf = (name: string): string => name.split('/').map(encodeURIComponent).join('/');
