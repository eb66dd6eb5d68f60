import { lastBuildOf, listBuilds } from '../../queue/build-list.ts';
import type { Store, StoredBuild } from '../../queue/build-store.ts';
import type { Forge } from '../forge.ts';
import { refName } from '../tags/tag-context.ts';
import { readPatterns } from './matches.ts';
import type { Rule } from './rule.ts';
import { queuedBranch, type Subject } from './subject.ts';

/** What becomes of one rule: it is built, it is not meant, or nothing it looks at changed. */
export type Decision = { build: true } | { ignored: string } | { skipped: string };

/** Steps of matching, of some 10 ns each, that may go into finding out what changed. */
const mostWork = 20_000_000;

/** Decides about one rule; asks the forge what changed only for a rule with `paths`. */
export async function decide(
  { store, forge }: { store: Store; forge: Forge },
  subject: Subject,
  rule: Rule,
): Promise<Decision> {
  const ignored = whyIgnored(subject, rule);
  if (ignored) return { ignored };
  const pushed = await builtByPush(store, subject, rule);
  if (pushed) return { ignored: `build ${pushed} of its branch builds this commit.` };
  if (!rule.paths || subject.event === 'manual') return { build: true };
  const changed = await changedFiles(store, forge, subject, rule);
  const { size, matches } = readPatterns(rule.paths);
  const isTooMuch = size * (changed ?? []).join('').length > mostWork;
  if (changed === null || isTooMuch || changed.some(matches)) return { build: true };
  return { skipped: `None of the ${changed.length} changed files matches paths.` };
}

/** The build that a push of a pull request's branch made of the same commit, which does more. */
async function builtByPush(store: Store, subject: Subject, rule: Rule): Promise<string | null> {
  if (subject.event !== 'pull_request' || subject.pullRequest?.isFork) return null;
  const filter = { repositoryId: subject.repository.id, sha: subject.sha };
  const isPush = async (build: StoredBuild) => build.name === rule.name && build.publish;
  return (await listBuilds(store, filter, { limit: 1 }, isPush)).builds[0]?.id ?? null;
}

/** Why `on` leaves a subject out; null if it does not. */
function whyIgnored({ event, ref }: Subject, { on }: Rule): string | null {
  if (event === 'manual') return null;
  if (event === 'pull_request') {
    return on === null || on.pullRequests ? null : '“on” does not name pull requests.';
  }
  if (on === null) return null;
  const isTag = ref.startsWith('refs/tags/');
  const name = queuedBranch(ref) ?? (refName(ref, 'heads') || refName(ref, 'tags'));
  const patterns = isTag ? on.tags : on.branches;
  if (patterns && readPatterns(patterns).matches(name)) return null;
  return `“on” does not name the ${isTag ? 'tag' : 'branch'} ${name}.`;
}

/**
 * The files that differ from the last good build of the rule on this ref, or else from what the
 * ref pointed at before; null when in doubt, which means that it is built.
 */
async function changedFiles(
  store: Store,
  forge: Forge,
  subject: Subject,
  rule: Rule,
): Promise<string[] | null> {
  const { repository, ref, sha, event, baseRef, before } = subject;
  if (event === 'pull_request') {
    return baseRef ? forge.changedFiles(repository, baseRef, sha) : null;
  }
  if (ref.startsWith('refs/tags/')) return null;
  const last = await lastBuildOf(store, repository.id, ref, rule.name);
  if (last) return last.sha === sha ? null : forge.changedFiles(repository, last.sha, sha);
  const isNew = before === null || /^0+$/.test(before);
  // The first push of the default branch itself: there is nothing to compare it with.
  if (isNew && ref === `refs/heads/${repository.defaultBranch}`) return null;
  return forge.changedFiles(repository, isNew ? repository.defaultBranch : before, sha);
}
