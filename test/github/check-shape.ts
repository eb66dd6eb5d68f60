import { apiUrl, nodeId } from './account-shape.ts';
import { appShape } from './app-shape.ts';
import type { CheckRun } from './records.ts';
import type { World } from './world.ts';
import { fullName, isoTime } from './world.ts';

/** A check run as the API shows it. */
export const checkRunShape = (world: World, run: CheckRun) => {
  const name = fullName(run.repository);
  const url = `${apiUrl(world)}/repos/${name}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: `${world.origin}/${name}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: appShape(world),
    pull_requests: [],
  };
};

/** The suite of a check run as webhooks show it: all runs of the App at that commit. */
export const checkSuiteShape = (world: World, run: CheckRun, headBranch: string | null) => {
  const url = `${apiUrl(world)}/repos/${fullName(run.repository)}/check-suites/${run.suiteId}`;
  const runs = world.checkRuns.filter((other) => other.suiteId === run.suiteId);
  const done = runs.every((other) => other.status === 'completed');
  const bad = runs.find((other) => other.conclusion !== 'success')?.conclusion ?? 'success';
  const at = isoTime(run.history[0]?.at ?? 0);
  return {
    id: run.suiteId,
    node_id: nodeId('CheckSuite', run.suiteId),
    head_branch: headBranch,
    head_sha: run.headSha,
    status: done ? 'completed' : 'queued',
    conclusion: done ? bad : null,
    url,
    before: null,
    after: run.headSha,
    pull_requests: [],
    app: appShape(world),
    created_at: at,
    updated_at: at,
  };
};
