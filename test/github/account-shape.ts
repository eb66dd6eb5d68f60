import type { Access, Account, Person, World } from './world.ts';
import { isoTime } from './world.ts';

/** The root of the API in every URL that an answer or a payload holds. */
export const apiUrl = (world: World): string => `${world.origin}/api/v3`;

/** An opaque id as GraphQL knows things by. */
export const nodeId = (kind: string, id: number): string =>
  Buffer.from(`${kind}:${id}`).toString('base64');

/** An account as every answer embeds it (`simple-user`). */
export const simpleUser = (world: World, account: Account) => {
  const login = encodeURIComponent(account.login);
  const url = `${apiUrl(world)}/users/${login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('User', account.id),
    avatar_url: `${world.origin}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${world.origin}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  };
};

/** An organization as webhooks embed it. */
export const organization = (world: World, account: Account) => {
  const url = `${apiUrl(world)}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('Organization', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.origin}/avatars/u/${account.id}`,
    description: '',
  };
};

/** The answer of `GET /user`. */
export const signedInUser = (world: World, person: Person) => ({
  ...simpleUser(world, person.account),
  name: person.account.name,
  company: null,
  blog: '',
  location: null,
  email: null,
  hireable: null,
  bio: null,
  twitter_username: null,
  notification_email: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: isoTime(1_557_933_565_000),
  updated_at: isoTime(1_557_933_565_000),
});

/** The switches by which answers say what someone may do. */
export const permissionSwitches = (access: Access) => ({
  admin: access === 'admin',
  maintain: access === 'admin',
  push: access === 'admin' || access === 'write',
  triage: access === 'admin' || access === 'write',
  pull: access !== 'none',
});
