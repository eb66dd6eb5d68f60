import type { RepositoryState } from './world.ts';

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
  startedAt: string;
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
export type TokenKind = 'app' | 'client' | 'installation' | 'user' | 'none' | 'invalid';

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
