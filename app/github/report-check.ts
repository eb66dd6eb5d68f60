import type { ProbotOctokit } from 'probot';
import type { Build } from '../../queue/build.ts';
import { beginningOf } from '../../queue/text.ts';
import { ReportRefused } from '../forge.ts';
import type { Check } from '../report/render-check.ts';
import { once } from './octokit.ts';
import { orNull } from './read-repository.ts';

/**
 * Writes a check run and returns its id: the build's own run if it has one, else the one that an
 * unclear failure, a crash or a Redis that was set back may have left behind, else a new one. Where
 * the App may not write checks, a commit status is written instead and null returned. `beforeNew` is
 * called before a run is made, and throws if it is not to be.
 */
export async function reportCheck(
  octokit: ProbotOctokit,
  build: Build,
  check: Check,
  beforeNew: () => Promise<void> = async () => {},
): Promise<number | null> {
  try {
    const run = await findRun(octokit, build, check);
    if (!run) {
      await beforeNew();
      return await createRun(octokit, build, check);
    }
    // Of a build that ended before Redis lost it: it stands until the build ends anew.
    if (run.status === 'completed' && !check.conclusion) return run.id;
    return await updateRun(octokit, build, check, run.id);
  } catch (error) {
    const { status = 0, message } = error as { status?: number; message: string };
    if (status === 403 && /not accessible by integration/i.test(message)) {
      await writeStatus(octokit, build, check);
      return null;
    }
    throw permanent.has(status)
      ? new ReportRefused(`GitHub does not take the check (${status}): ${message}`, {
          cause: error,
        })
      : error;
  }
}

/** Gone, blocked or unknown: a commit or repository that GitHub no longer has does not come back. */
const permanent = new Set([404, 410, 422, 451]);

/** The ids of a build's check runs that are not completed. Throws AccessEnded if they cannot be read. */
export async function openChecks(octokit: ProbotOctokit, build: Build, name: string) {
  const runs = await orNull(build.repository, () => runsOf(octokit, build, name));
  return (runs ?? []).filter(({ status }) => status !== 'completed').map(({ id }) => id);
}

/** The build's run, if it has one; GitHub is asked where the record may not tell what it shows. */
async function findRun(
  octokit: ProbotOctokit,
  build: Build,
  check: Check,
): Promise<{ id: number; status?: string } | undefined> {
  const known = build.checkRunId === null ? undefined : { id: build.checkRunId };
  const isTold = known
    ? check.conclusion || !isLate(build)
    : build.reported === null && !isLate(build);
  if (isTold) return known;
  return (await runsOf(octokit, build, check.name))[0] ?? known;
}

async function runsOf(octokit: ProbotOctokit, build: Build, name: string) {
  const { data } = await octokit.rest.checks.listForRef({
    ...repositoryOf(build),
    ref: build.sha,
    check_name: name,
    filter: 'all',
    per_page: 100,
  });
  return data.check_runs.filter((run) => run.external_id === build.id);
}

/** Whether a build was pushed so long ago that it may have been made, and ended, before. */
const isLate = ({ pushedAt }: Build): boolean => Date.now() / 1_000 - pushedAt > promptness;

/** How long after a push its build is made and begins as a rule, in seconds. */
const promptness = 10;

async function createRun(octokit: ProbotOctokit, build: Build, check: Check): Promise<number> {
  const { data } = await octokit.rest.checks.create({
    ...repositoryOf(build),
    head_sha: build.sha,
    external_id: build.id,
    ...fieldsOf(build, check),
    name: check.name,
    ...once,
  });
  return data.id;
}

async function updateRun(octokit: ProbotOctokit, build: Build, check: Check, id: number) {
  await octokit.rest.checks.update({
    ...repositoryOf(build),
    check_run_id: id,
    ...fieldsOf(build, check),
  });
  return id;
}

function fieldsOf(build: Build, { status, conclusion, title, summary, ...check }: Check) {
  const { annotations, actions } = check;
  return {
    details_url: build.url,
    output: { title, summary, ...(annotations.length > 0 && { annotations }) },
    actions,
    ...(build.startedAt && { started_at: build.startedAt }),
    ...(conclusion
      ? { status: 'completed' as const, conclusion, completed_at: build.finishedAt ?? undefined }
      : { status }),
  };
}

async function writeStatus(octokit: ProbotOctokit, build: Build, check: Check): Promise<void> {
  try {
    await octokit.rest.repos.createCommitStatus({
      ...repositoryOf(build),
      sha: build.sha,
      state: statusStates[check.conclusion ?? 'none'],
      context: check.name,
      description: beginningOf(check.title, 140),
      target_url: build.url,
    });
  } catch (error) {
    const { status } = error as { status?: number };
    if (status !== 403 && status !== 404) throw error;
    throw new ReportRefused('The App may write neither checks nor commit statuses.', {
      cause: error,
    });
  }
}

const statusStates = {
  none: 'pending',
  success: 'success',
  failure: 'failure',
  cancelled: 'error',
} as const;

function repositoryOf({ repo }: Build): { owner: string; repo: string } {
  const [owner = '', name = ''] = repo.split('/');
  return { owner, repo: name };
}
