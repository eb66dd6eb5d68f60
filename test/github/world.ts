import type { Agent } from 'node:http';
import type { CheckRun, Delivery, GitRequest, LoggedRequest, Status } from './records.ts';

/** An account that owns repositories; people who sign in are accounts too. */
export type Account = {
  id: number;
  login: string;
  type: 'User' | 'Organization';
  name: string;
  email: string;
};

/** What a person may do in a repository. */
export type Access = 'none' | 'read' | 'write' | 'admin';

/** An App's permissions, e.g. `{ contents: 'read' }`; `metadata: 'read'` is always among them. */
export type Permissions = Record<string, string>;

/** The App's installation on one account. */
export type Installation = {
  id: number;
  account: Account;
  permissions: Permissions;
  suspended: boolean;
  removed: boolean;
  /** The repositories that it covers, in the order they were added. */
  repositories: RepositoryState[];
  createdAt: number;
};

/** One repository; its files and history are in the bare git repository at `folder`. */
export type RepositoryState = {
  id: number;
  owner: Account;
  name: string;
  private: boolean;
  fork: boolean;
  archived: boolean;
  defaultBranch: string;
  description: string | null;
  /** An SPDX identifier, e.g. `MIT`. */
  license: string | null;
  folder: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  pushedAt: number;
  deleted: boolean;
  /** Earlier `owner/name`s, which redirect here. */
  oldNames: string[];
  /** What GitHub last told the App about each ref: the `before` of the next push. */
  told: Map<string, string>;
  pullRequests: PullRequest[];
  /** Git LFS: content by its SHA-256. */
  largeFiles: Map<string, Buffer>;
};

/** One pull request into `base`. */
export type PullRequest = {
  id: number;
  number: number;
  title: string;
  state: 'open' | 'closed';
  user: Account;
  base: RepositoryState;
  baseRef: string;
  head: RepositoryState;
  headRef: string;
  headSha: string;
  createdAt: number;
};

/** An installation access token; `repositoryIds` null means all that the installation covers. */
export type InstallationToken = {
  token: string;
  installation: Installation;
  repositoryIds: number[] | null;
  permissions: Permissions;
  expiresAt: number;
};

/** A person and what they may do, by `owner/name` in any case. */
export type Person = { account: Account; access: Record<string, Access> };

/** A person's token; a refresh token can be used once. */
export type UserToken = {
  token: string;
  person: Person;
  expiresAt: number;
  refresh: string | null;
};

/** A sign-in between the page and the exchange of its code. */
export type SignIn = { person: Person; challenge: string | null; redirectUri: string | null };

/** Everything the imitation knows. */
export type World = {
  /** `http://127.0.0.1:PORT`. */
  origin: string;
  appId: number;
  clientId: string;
  clientSecret: string;
  privateKey: string;
  publicKey: string;
  webhookSecret: string;
  permissions: Permissions;
  /** Where the bare repositories are. */
  folder: string;
  /** Milliseconds by which GitHub's clock, for tokens, is ahead of the machine's. */
  clock: { offset: number };
  webhookUrl: string | null;
  deliveryAgent: Agent;
  /** Milliseconds that a webhook may take to be answered. */
  deliveryTimeout: number;
  lastId: number;
  accounts: Map<string, Account>;
  installations: Installation[];
  repositories: RepositoryState[];
  people: Map<string, Person>;
  installationTokens: Map<string, InstallationToken>;
  userTokens: Map<string, UserToken>;
  checkRuns: CheckRun[];
  statuses: Status[];
  deliveries: Delivery[];
  requests: LoggedRequest[];
  gitRequests: GitRequest[];
  /** What a Git LFS batch handed out: a header's value, and the object that it opens. */
  largeFileKeys: Map<string, string>;
  violations: string[];
  /** Codes from the manifest flow that can still be converted into an App. */
  manifestCodes: Set<string>;
  /** The manifests that were posted to register the App. */
  manifests: Record<string, unknown>[];
  /** Codes of sign-ins that are under way. */
  signIns: Map<string, SignIn>;
  /** Who is at the browser; null: nobody, and the sign-in page stays where it is. */
  atBrowser: Person | null;
};

/** A fresh id; all kinds of things share one sequence. */
export const newId = (world: World): number => {
  world.lastId += 1;
  return world.lastId;
};

/** GitHub's time in milliseconds since the epoch. */
export const now = (world: World): number => Date.now() + world.clock.offset;

/** The time as GitHub's API writes it: ISO 8601, UTC, whole seconds. */
export const isoTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');

/** `owner/name`. */
export const fullName = (repository: RepositoryState): string =>
  `${repository.owner.login}/${repository.name}`;

/** The account of that login in any case; a new one if there is none. */
export const accountOf = (
  world: World,
  login: string,
  type: Account['type'] = 'Organization',
): Account => {
  const known = world.accounts.get(login.toLowerCase());
  if (known) return known;
  const email = `${login}@users.noreply.github.example`;
  const account: Account = { id: newId(world), login, type, name: login, email };
  world.accounts.set(login.toLowerCase(), account);
  return account;
};

/** The installation that covers a repository, if one does. */
export const installationOf = (
  world: World,
  repository: RepositoryState,
): Installation | undefined =>
  world.installations.find(
    (installation) => !installation.removed && installation.repositories.includes(repository),
  );
