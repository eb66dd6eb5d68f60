import type { ProbotOctokit } from 'probot';
import type { Repository } from '../../queue/build.ts';
import type { CheckNote } from '../forge.ts';
import { once } from './octokit.ts';
import { nameOf } from './read-repository.ts';

/**
 * Puts a finished check run on a commit, unless one with its external id is there. Where the App
 * may not write checks, nothing is written: no status could say as much.
 */
export async function postCheck(
  octokit: ProbotOctokit,
  repository: Repository,
  sha: string,
  { name, externalId, conclusion, title, summary, actions }: CheckNote,
): Promise<void> {
  const { data } = await octokit.rest.checks.listForRef({
    ...nameOf(repository),
    ref: sha,
    check_name: name,
    filter: 'all',
    per_page: 100,
  });
  if (data.check_runs.some((run) => run.external_id === externalId)) return;
  try {
    await octokit.rest.checks.create({
      ...nameOf(repository),
      head_sha: sha,
      name,
      external_id: externalId,
      status: 'completed',
      conclusion,
      completed_at: new Date().toISOString(),
      output: { title, summary },
      actions,
      ...once,
    });
  } catch (error) {
    const { status = 0 } = error as { status?: number };
    if (![403, 404, 422].includes(status)) throw error;
  }
}
