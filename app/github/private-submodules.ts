import { execa } from 'execa';
import type { ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import {
  cloneUrlBeside,
  readSubmodules,
  repositoryOf,
  submoduleLimits,
} from '../../queue/submodules.ts';
import { contentAt, nameOf, orNull } from './read-repository.ts';

/** A repository at a commit, by its clone URL. */
type Place = { repository: Repository; sha: string; url: string };

/**
 * The ids of the private repositories that are submodules of a commit, nested ones too, as far as
 * the client's installation covers them: an installation sees no other private ones. The
 * `.gitmodules` is GitHub's and not the worker's word, since workers run other people's code.
 */
export async function privateSubmodules(
  octokit: ProbotOctokit,
  repository: Repository,
  sha: string,
  url: string,
): Promise<number[]> {
  const { count, depth } = submoduleLimits;
  const ids = new Set<number>();
  let looked = 0;
  let level: Place[] = [{ repository, sha, url }];
  for (let at = 0; at < depth && level.length > 0; at += 1) {
    const below: Place[] = [];
    for (const place of level) {
      for (const { path, url: named } of await submodulesAt(octokit, place)) {
        looked += 1;
        if (looked > count) return [...ids];
        const found = await submodule(octokit, place, path, named);
        if (found?.id) ids.add(found.id);
        if (found?.place) below.push(found.place);
      }
    }
    level = below;
  }
  return [...ids];
}

/** The submodules that have the same owner, with the clone URL that the worker will use. */
async function submodulesAt(octokit: ProbotOctokit, { repository, sha, url }: Place) {
  const file = await contentAt(octokit, repository, sha, '.gitmodules');
  if (file?.type !== 'file') return [];
  const args = ['config', '--file', '-', '--null', '--list'];
  const { failed, stdout } = await execa('git', args, { input: file.text, reject: false });
  // The worker reads the same file and says what is wrong with it.
  if (failed) return [];
  return readSubmodules(stdout).flatMap(({ path, url: written }) => {
    const fullName = repositoryOf(url, written);
    const isOwn = fullName && ownerOf(fullName) === ownerOf(repository.fullName);
    return isOwn ? { path, url: cloneUrlBeside(url, fullName) } : [];
  });
}

async function submodule(octokit: ProbotOctokit, parent: Place, path: string, url: string) {
  const fullName = repositoryOf(parent.url, url) ?? '';
  const repository = { ...parent.repository, fullName };
  const known = await orNull(repository, async () => {
    return (await octokit.rest.repos.get(nameOf(repository))).data;
  });
  if (!known) return null;
  const link = await contentAt(octokit, parent.repository, parent.sha, path);
  const place = link?.type === 'submodule' ? { repository, sha: link.sha, url } : null;
  return { id: known.private ? known.id : null, place };
}

const ownerOf = (fullName: string): string => fullName.split('/')[0]!.toLowerCase();
