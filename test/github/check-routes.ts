import { apiUrl } from './account-shape.ts';
import { checkRunShape } from './check-shape.ts';
import { objectType, resolveCommit } from './git-read.ts';
import type { Annotation, CheckRun } from './records.ts';
import { invalid, notFound } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { ok, paged } from './route.ts';
import type { RepositoryState, World } from './world.ts';
import { fullName, isoTime, newId, now } from './world.ts';

const oneRun = ({ world, params }: Call, repository: RepositoryState): CheckRun => {
  const id = Number(params.check_run_id);
  const run = world.checkRuns.find((one) => one.id === id && one.repository === repository);
  if (!run) throw notFound();
  return run;
};

const apply = (world: World, run: CheckRun, body: Record<string, unknown>): void => {
  const given = body as {
    name?: string;
    status?: string;
    conclusion?: string;
    external_id?: string;
    details_url?: string;
    started_at?: string;
    completed_at?: string;
    output?: { title?: string; summary: string; text?: string; annotations?: Annotation[] };
    actions?: CheckRun['actions'];
  };
  run.name = given.name ?? run.name;
  run.externalId = given.external_id ?? run.externalId;
  run.detailsUrl = given.details_url ?? run.detailsUrl;
  run.status = given.conclusion ? 'completed' : (given.status ?? run.status);
  run.conclusion = given.conclusion ?? run.conclusion;
  run.startedAt = given.started_at ?? run.startedAt;
  run.completedAt = given.completed_at ?? run.completedAt;
  if (run.status === 'completed') run.completedAt ??= isoTime(now(world));
  if (given.output) {
    run.title = given.output.title ?? run.title;
    run.summary = given.output.summary;
    run.text = given.output.text ?? run.text;
    run.annotations.push(...(given.output.annotations ?? []));
  }
  run.actions = given.actions ?? [];
};

const createRun = async ({ world, body }: Call, repository: RepositoryState) => {
  const headSha = String(body.head_sha);
  const known =
    /^[0-9a-f]{40}$/.test(headSha) && (await objectType(repository.folder, headSha)) === 'commit';
  if (!known) throw invalid(`No commit found for SHA: ${headSha}`, 'head_sha');
  const suite = world.checkRuns.find(
    (one) => one.repository === repository && one.headSha === headSha,
  );
  const run: CheckRun = {
    id: newId(world),
    suiteId: suite?.suiteId ?? newId(world),
    repository,
    headSha,
    name: String(body.name),
    status: 'queued',
    conclusion: null,
    externalId: '',
    detailsUrl: 'https://slipway.example',
    startedAt: isoTime(now(world)),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
    history: [{ at: Date.now(), method: 'POST', body }],
  };
  if (body.status === 'completed' && !body.conclusion) {
    throw invalid('Invalid request. "conclusion" wasn\'t supplied.', 'conclusion');
  }
  apply(world, run, body);
  world.checkRuns.push(run);
  return { status: 201, body: checkRunShape(world, run) };
};

const updateRun = (call: Call, repository: RepositoryState) => {
  const { world, body } = call;
  const run = oneRun(call, repository);
  const reopens = body.status !== undefined && body.status !== 'completed' && !body.conclusion;
  if (run.status === 'completed' && reopens) {
    world.violations.push(
      `PATCH check-runs/${run.id} (${run.name}): a completed run is final, but status ${String(body.status)} was sent`,
    );
    throw invalid('A completed check run cannot be reopened', 'status');
  }
  if (body.status === 'completed' && !body.conclusion && !run.conclusion) {
    throw invalid('Invalid request. "conclusion" wasn\'t supplied.', 'conclusion');
  }
  apply(world, run, body);
  run.history.push({ at: Date.now(), method: 'PATCH', body });
  return ok(checkRunShape(world, run));
};

const listRuns = async (call: Call, repository: RepositoryState) => {
  const { world, params, query } = call;
  const sha = await resolveCommit(repository.folder, params.ref ?? '');
  if (!sha) throw invalid(`No commit found for SHA: ${params.ref}`, 'sha');
  const newestFirst = world.checkRuns
    .filter((run) => run.repository === repository && run.headSha === sha)
    .sort((a, b) => b.id - a.id);
  const latest = (run: CheckRun): boolean =>
    newestFirst.find(({ name }) => name === run.name) === run;
  const found = newestFirst.filter(
    (run) =>
      (query.filter === 'all' || latest(run)) &&
      (query.check_name === undefined || run.name === query.check_name) &&
      (query.status === undefined || run.status === query.status) &&
      (query.app_id === undefined || Number(query.app_id) === world.appId),
  );
  const url = `${apiUrl(world)}/repos/${fullName(repository)}/commits/${params.ref}/check-runs`;
  const { items, headers } = paged(call, url, found);
  const check_runs = items.map((run) => checkRunShape(world, run));
  return ok({ total_count: found.length, check_runs }, headers);
};

const listAnnotations = (call: Call, repository: RepositoryState) => {
  const run = oneRun(call, repository);
  const page = `${call.world.origin}/${fullName(repository)}/blob/${run.headSha}`;
  const url = `${apiUrl(call.world)}/repos/${fullName(repository)}/check-runs/${run.id}/annotations`;
  const { items, headers } = paged(call, url, run.annotations);
  const nothing = { start_column: null, end_column: null, title: null, raw_details: null };
  return ok(
    items.map((one) => ({ ...nothing, ...one, blob_href: `${page}/${one.path}` })),
    headers,
  );
};

/** Check runs: made, changed and listed. */
export const checkRoutes: readonly Route[] = [
  {
    operation: 'POST /repos/{owner}/{repo}/check-runs',
    needs: ['checks', 'write'],
    handle: createRun,
  },
  {
    operation: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    needs: ['checks', 'write'],
    handle: updateRun,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
    needs: ['checks', 'read'],
    handle: (call, repository) => ok(checkRunShape(call.world, oneRun(call, repository))),
  },
  {
    operation: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
    needs: ['checks', 'read'],
    handle: listAnnotations,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    needs: ['checks', 'read'],
    handle: listRuns,
  },
];
