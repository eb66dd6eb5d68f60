import { apiUrl, nodeId, simpleUser } from './account-shape.ts';
import type { Installation, World } from './world.ts';
import { accountOf, isoTime, newId } from './world.ts';

/** The events that the App subscribes to. */
const events = ['check_run', 'check_suite', 'issue_comment', 'pull_request', 'push', 'repository'];

const registered = 1_767_225_600_000;

/** The App as `GET /app` and check runs show it (`integration`). */
export const appShape = (world: World) => ({
  id: world.appId,
  slug: 'slipway',
  node_id: nodeId('App', world.appId),
  client_id: world.clientId,
  owner: simpleUser(world, accountOf(world, 'slipway-owner', 'User')),
  name: 'Slipway',
  description: 'Builds images',
  external_url: 'https://slipway.example',
  html_url: `${world.origin}/apps/slipway`,
  created_at: isoTime(registered),
  updated_at: isoTime(registered),
  permissions: world.permissions,
  events,
});

/** An installation as the API shows it. */
export const installationShape = (world: World, installation: Installation) => {
  const { account, createdAt, id, permissions, suspended } = installation;
  return {
    id,
    client_id: world.clientId,
    account: simpleUser(world, account),
    repository_selection: 'selected',
    access_tokens_url: `${apiUrl(world)}/app/installations/${id}/access_tokens`,
    repositories_url: `${apiUrl(world)}/installation/repositories`,
    html_url: `${world.origin}/organizations/${account.login}/settings/installations/${id}`,
    app_id: world.appId,
    app_slug: 'slipway',
    target_id: account.id,
    target_type: account.type,
    permissions,
    events,
    created_at: isoTime(createdAt),
    updated_at: isoTime(createdAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspended ? simpleUser(world, account) : null,
    suspended_at: suspended ? isoTime(createdAt) : null,
  };
};

/** Installs the App on an account, or answers the installation that is there already. */
export const installApp = (
  world: World,
  login: string,
  type: 'User' | 'Organization',
): Installation => {
  const account = accountOf(world, login, type);
  const known = world.installations.find((one) => one.account === account && !one.removed);
  if (known) return known;
  const installation: Installation = {
    id: newId(world),
    account,
    permissions: { ...world.permissions },
    suspended: false,
    removed: false,
    repositories: [],
    createdAt: Date.now(),
  };
  world.installations.push(installation);
  return installation;
};
