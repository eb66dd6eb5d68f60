/**
 * Makes `openapi.json`: the operations and webhooks below with everything they refer to, cut from
 * GitHub's own description as the npm package `@octokit/openapi` ships it (MIT). Prose and examples
 * are left out. To make it again: `npm pack @octokit/openapi`, unpack it, build, and
 *
 *     node dist/test/github/cut-openapi.js package/generated/api.github.com.json
 *
 * writes the cut to standard output.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const operations = [
  'GET /app',
  'GET /app/hook/config',
  'GET /app/hook/deliveries',
  'GET /app/hook/deliveries/{delivery_id}',
  'POST /app/hook/deliveries/{delivery_id}/attempts',
  'GET /app/installations',
  'GET /app/installations/{installation_id}',
  'POST /app/installations/{installation_id}/access_tokens',
  'POST /app-manifests/{code}/conversions',
  'DELETE /applications/{client_id}/token',
  'GET /installation/repositories',
  'GET /meta',
  'GET /rate_limit',
  'GET /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/branches/{branch}',
  'POST /repos/{owner}/{repo}/check-runs',
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
  'GET /repos/{owner}/{repo}/commits/{ref}',
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
  'GET /repos/{owner}/{repo}/commits/{ref}/statuses',
  'GET /repos/{owner}/{repo}/compare/{basehead}',
  'GET /repos/{owner}/{repo}/contents/{path}',
  'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
  'GET /repos/{owner}/{repo}/git/ref/{ref}',
  'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
  'GET /repos/{owner}/{repo}/installation',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  'POST /repos/{owner}/{repo}/statuses/{sha}',
  'GET /user',
  'GET /user/installations',
  'GET /user/installations/{installation_id}/repositories',
];

const webhooks = [
  'check-run-requested-action',
  'check-run-rerequested',
  'check-suite-rerequested',
  'installation-created',
  'installation-deleted',
  'installation-new-permissions-accepted',
  'installation-suspend',
  'installation-unsuspend',
  'installation-repositories-added',
  'installation-repositories-removed',
  'issue-comment-created',
  'issue-comment-edited',
  'ping',
  'pull-request-closed',
  'pull-request-opened',
  'pull-request-reopened',
  'pull-request-synchronize',
  'push',
  'repository-archived',
  'repository-deleted',
  'repository-privatized',
  'repository-publicized',
  'repository-renamed',
  'repository-transferred',
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const prose = new Set(['description', 'summary', 'example', 'examples', 'externalDocs', 'title']);

/** The same without prose; a property that merely has such a name (a schema's) is kept. */
const bare = (value: Json, names = false): Json => {
  if (Array.isArray(value)) return value.map((item) => bare(item));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, child]) =>
      names || !(prose.has(key) || (key.startsWith('x-') && key !== 'x-webhooks') || child === ''),
  );
  return Object.fromEntries(
    kept.map(([key, child]) => [
      key,
      key === 'enum' ? child : bare(child, !names && (key === 'properties' || key === 'headers')),
    ]),
  );
};

const at = (root: Json, pointer: string): Json => {
  let node: Json | undefined = root;
  for (const key of pointer.slice(2).split('/')) node = isObject(node) ? node[key] : undefined;
  if (node === undefined) throw new Error(`nothing at ${pointer}`);
  return node;
};

/** Copies to `cut` every component that `node` refers to, and those that they refer to. */
const follow = (whole: Json, cut: JsonObject, node: Json): void => {
  if (Array.isArray(node)) for (const item of node) follow(whole, cut, item);
  if (!isObject(node)) return;
  const pointer = node.$ref;
  if (typeof pointer === 'string') {
    const [, , kind = '', name = ''] = pointer.split('/');
    cut[kind] ??= {};
    const components = cut[kind];
    if (isObject(components) && components[name] === undefined) {
      components[name] = bare(at(whole, pointer));
      follow(whole, cut, components[name]);
    }
  }
  for (const child of Object.values(node)) follow(whole, cut, child);
};

/** Cuts the operations and webhooks above from the whole description; throws if one is missing. */
export const cutOpenapi = (whole: Json): Json => {
  const paths: JsonObject = {};
  for (const operation of operations) {
    const [method = '', path = ''] = operation.split(' ');
    const item = isObject(whole) && isObject(whole.paths) ? whole.paths[path] : undefined;
    const found = isObject(item) ? item[method.toLowerCase()] : undefined;
    if (found === undefined) throw new Error(`the description has no ${operation}`);
    const kept = paths[path];
    paths[path] = { ...(isObject(kept) ? kept : {}), [method.toLowerCase()]: bare(found) };
  }
  const hooks = Object.fromEntries(
    webhooks.map((name) => [name, bare(at(whole, `#/x-webhooks/${name}`))]),
  );
  const components: JsonObject = {};
  follow(whole, components, { paths, hooks });
  const { openapi = '', info = {} } = isObject(whole) ? whole : {};
  return { openapi, info: bare(info), paths, 'x-webhooks': hooks, components };
};

const [, script, source] = process.argv;
if (source !== undefined && script && import.meta.url === pathToFileURL(script).href) {
  process.stdout.write(`${JSON.stringify(cutOpenapi(JSON.parse(readFileSync(source, 'utf8'))))}\n`);
}
