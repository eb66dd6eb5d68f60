import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cloneUrlBeside,
  readSubmodules,
  repositoryOf,
  shownUrl,
  submoduleLimits,
} from '../../queue/submodules.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import type { CheckoutTools } from './checkout-tools.ts';
import { type GitAccess, GitFailed, git } from './git.ts';
import { type Placed, placeCommit } from './place-commit.ts';
import { untilReachable } from './until-reachable.ts';

/** A submodule to be fetched: its path from the root, and the commit that its parent records. */
type Wanted = { path: string; folder: string; url: string; sha: string };

/**
 * Puts every submodule that a commit's `.gitmodules` names in its place, nested ones too, each at
 * the commit that is recorded for it. git's own files go below `folder`. Only repositories of the
 * same host are fetched, over HTTP with the token of the grant, whatever kind of URL names them.
 * `git submodule` itself is not used: it leaves `.git` files and obeys more of `.gitmodules`.
 */
export async function placeSubmodules(
  main: Placed,
  folder: string,
  tools: CheckoutTools,
): Promise<Placed[]> {
  const first = await wantedBy(main, '', tools);
  if (first.length === 0) return [];
  const { token } = await tools.grantSubmodules();
  const placed: Placed[] = [];
  const placeAll = async (parent: Placed, all: Wanted[], depth: number): Promise<void> => {
    for (const wanted of all) {
      const { count, depth: deepest } = submoduleLimits;
      const refused = refusal(wanted);
      if (placed.length === count) throw refused(`a commit may have ${count} submodules`);
      if (depth > deepest) throw refused(`submodules may be nested ${deepest} deep`);
      const access = { ...parent.access, token, url: allowedUrl(parent.access, wanted) };
      tools.onLine(`Checking out ${wanted.sha} of the submodule ${wanted.path} (${access.url})`);
      const at = { tree: await placeOf(wanted), gitDir: join(folder, String(placed.length)) };
      const fetch = () => placeCommit(access, wanted.sha, at, tools.signal);
      const one = await untilReachable(fetch, tools.onLine, tools.signal).catch(judge(wanted));
      placed.push(one);
      await placeAll(one, await wantedBy(one, `${wanted.path}/`, tools), depth + 1);
    }
  };
  await placeAll(main, first, 1);
  return placed;
}

async function wantedBy(parent: Placed, at: string, tools: CheckoutTools): Promise<Wanted[]> {
  const links = parent.entries.filter(({ mode }) => mode === '160000');
  const file = parent.entries.find(({ path }) => path === '.gitmodules');
  // git itself reads no .gitmodules that is a link.
  if (links.length === 0 || !file?.mode.startsWith('100')) return [];
  const { access, tree, gitDir } = parent;
  const args = [`--git-dir=${gitDir}`, 'config', `--blob=${file.object}`, '--null', '--list'];
  const listing = await git(access, tree, args, tools.signal).catch((cause: Error) => {
    throw new BuildFailed(`${at}.gitmodules cannot be read: ${cause.message}`, {}, { cause });
  });
  const known = new Map(readSubmodules(listing).map((one) => [one.path, one]));
  return links.flatMap(({ path, object: sha }) => {
    const one = known.get(path);
    const wanted = { path: at + path, folder: join(tree, path), url: one?.url ?? '', sha };
    if (one?.isWanted) return wanted;
    const why = one ? 'has update = none' : 'does not name it';
    tools.onLine(`The folder of the submodule ${wanted.path} stays empty: .gitmodules ${why}`);
    return [];
  });
}

function allowedUrl({ url: parentUrl }: GitAccess, wanted: Wanted): string {
  const repository = repositoryOf(parentUrl, wanted.url);
  if (repository !== null) return cloneUrlBeside(parentUrl, repository);
  const { host } = new URL(parentUrl);
  throw refusal(wanted)(`only repositories of ${host} are fetched, as owner/name`);
}

/** The folder that git made for a submodule, unless a link in the repository leads elsewhere. */
async function placeOf(wanted: Wanted): Promise<string> {
  const real = await realpath(wanted.folder).catch(() => null);
  if (real === wanted.folder) return real;
  throw refusal(wanted)('its path leads through a link');
}

const refusal = (wanted: Wanted) => (why: string, cause?: Error) =>
  new BuildFailed(
    `The submodule ${wanted.path} (${shownUrl(wanted.url)}) cannot be fetched: ${why}.`,
    {},
    { cause },
  );

const judge =
  (wanted: Wanted) =>
  (error: unknown): Placed => {
    if (!(error instanceof GitFailed)) throw error;
    const known = reasons.find(([pattern]) => pattern.test(error.printed));
    throw known ? refusal(wanted)(known[1].replace('SHA', wanted.sha), error) : error;
  };

const reasons: [RegExp, string][] = [
  [/not our ref|couldn't find remote ref/i, 'its repository has no commit SHA'],
  [
    /repository .*not found|Authentication failed|could not read Username|error: 40[13]/i,
    'the repository is not there, or the GitHub App of this Slipway may not read it; a private one must belong to the same owner and be covered by the App’s installation',
  ],
];
