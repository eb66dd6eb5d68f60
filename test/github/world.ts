import type { Agent } from 'node:http';

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

/** One annotation, with the names GitHub's API uses. */
export type Annotation = {
  path: string;
  start_line: number;
  end_line: number;
  start_column?: number;
  end_column?: number;
  annotation_level: string;
  message: string;
  title?: string;
  raw_details?: string;
};

/** One write of a check run as it was sent. */
export type CheckWrite = { at: number; method: 'POST' | 'PATCH'; body: Record<string, unknown> };

/** A check run as it stands. */
export type CheckRun = {
  id: number;
  suiteId: number;
  repository: RepositoryState;
  headSha: string;
  name: string;
  status: string;
  conclusion: string | null;
  externalId: string;
  detailsUrl: string;
  startedAt: string | null;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: Annotation[];
  actions: { label: string; description: string; identifier: string }[];
  /** Every write that GitHub took, oldest first; `at` is in milliseconds since the epoch. */
  history: CheckWrite[];
};

/** A commit status. */
export type Status = {
  id: number;
  repository: RepositoryState;
  sha: string;
  state: string;
  context: string;
  description: string | null;
  targetUrl: string | null;
  createdAt: number;
};

/** One attempt to deliver a webhook, as the App's delivery log shows it. */
export type Delivery = {
  id: number;
  guid: string;
  /** Milliseconds since the epoch. */
  deliveredAt: number;
  redelivery: boolean;
  /** Seconds. */
  duration: number;
  /** `OK`, `Invalid HTTP Response: 503`, `failed to connect to host`, `timed out`. */
  status: string;
  /** 0 when the connection was refused. */
  statusCode: number;
  event: string;
  action: string | null;
  installationId: number | null;
  repositoryId: number | null;
  requestHeaders: Record<string, string>;
  payload: Record<string, unknown>;
  responseHeaders: Record<string, string>;
  responseBody: string;
};

/** What kind of credentials a request carried. */
export type TokenKind = 'app' | 'installation' | 'user' | 'none' | 'invalid';

/** One request to the API, as it was answered; `status` 0 means the connection was cut. */
export type LoggedRequest = {
  method: string;
  /** Without `/api/v3` and without the query. */
  path: string;
  query: string;
  status: number;
  tokenKind: TokenKind;
  at: number;
};

/** One request of a git client. */
export type GitRequest = {
  path: string;
  authorization: boolean;
  /** `owner/name` as the client wrote it. */
  repo: string;
  status: number;
};

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
