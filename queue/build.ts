/** The states of a build, from the moment a push was planned to its end. */
export type BuildState = 'queued' | 'running' | 'succeeded' | 'failed' | 'errored' | 'cancelled';

/**
 * The moves a build may make; every other one is refused in Redis. `failed` is the repository's
 * fault, `errored` ours or the infrastructure's. `running → queued` is a worker that was lost or
 * that handed its build back.
 */
export const moves: Record<BuildState, readonly BuildState[]> = {
  queued: ['running', 'cancelled'],
  running: ['queued', 'succeeded', 'failed', 'errored', 'cancelled'],
  succeeded: [],
  failed: [],
  errored: [],
  cancelled: [],
};

/** The names of the states, in the order a build passes through them. */
export const states = Object.keys(moves) as BuildState[];

/** Whether a build in this state will never change its state again. */
export const hasEnded = (state: BuildState): boolean => moves[state].length === 0;

/** The steps of an attempt, in the order in which they run. */
export const stepNames = ['checkout', 'build', 'test', 'push', 'tag'] as const;

/** One of the steps of an attempt. */
export type StepName = (typeof stepNames)[number];

/** One step of one attempt, as the page and the check's table show it. */
export type Step = {
  name: StepName;
  startedAt: string;
  finishedAt: string | null;
  /** How many of the step's parts came from a cache, and how many parts there were; build only. */
  cached?: number;
  total?: number;
};

/** What must go well before an image is pushed; see docs/rules.md. */
export type TestRecipe = { target: string } | { command: string[] } | { compose: string };

/** How a rule builds its image; all but `cache` was written by the repository. */
export type Recipe = {
  /** The folder in the repository that is the build's context, `.` for all of it. */
  context: string;
  /** Relative to the context. */
  dockerfile: string;
  /** The stage to build; null for the last one. */
  target: string | null;
  args: Record<string, string>;
  /** Names of secrets that the operator keeps on the workers. */
  secrets: string[];
  /** Ids of ssh agents that the operator keeps on the workers. */
  ssh: string[];
  /** `linux/amd64` and so on; none: the engine's own. */
  platforms: string[];
  test: TestRecipe | null;
  /** Milliseconds the build may take; null for the operator's BUILD_TIMEOUT, which also caps it. */
  timeout: number | null;
  /** Whether an image that is there already may stand in for an equal one. */
  reuse: boolean;
  /**
   * Whether layers of earlier builds and whole earlier images may be used; false only for a rebuild
   * without cache.
   */
  cache: boolean;
};

/**
 * What is put behind an image's name for the layers of its stages, which may hold more than the image
 * and so are not in the same place. No rule's own image may end so.
 */
export const cacheSuffix = '-slipway-cache';

/** The pull request a build belongs to. */
export type PullRequestOf = {
  number: number;
  /** Whether it comes from another repository: such a build never sees a secret. */
  isFork: boolean;
};

/** Where and how a build failed, for the check's annotation and its last lines. */
export type Failure = {
  /** `plan` is before any step: the rules file, a tag or the image's name is wrong. */
  step: StepName | 'plan';
  /** The Dockerfile's path in the repository, when the failure has a line in it. */
  path: string | null;
  /** The 1-based first and last line of the failed instruction. */
  line: number | null;
  endLine: number | null;
  lastLines: string[];
  /** Everything that is wrong with a rules file, each with its place. */
  mistakes?: { line: number; column: number; key: string; message: string }[];
};

/** What a build knows about its repository; keyed on `id`, since names change. */
export type Repository = {
  /** GitHub's numeric repository id. */
  id: number;
  /** `owner/name`, as GitHub spells it. */
  fullName: string;
  private: boolean;
  defaultBranch: string;
  description: string | null;
  /** The page for people, e.g. `https://github.com/owner/name`. */
  htmlUrl: string;
  /** An SPDX identifier, when GitHub recognised the licence. */
  license: string | null;
  /** The App's installation that covers the repository; null for the local remote. */
  installationId: number | null;
  /** Of when this is, in seconds since the epoch by GitHub's clock; 0 if absent. */
  asOf?: number;
};

/** What may have a build made; `approval` is of a fork's commit, `check` a button of the check on GitHub. */
export const causes = [
  ...(['push', 'tag', 'pull request', 'approval'] as const),
  ...(['comment', 'hand', 'retry', 'check'] as const),
] as const;

/** What had a build made, and the login of whoever asked for it; null where nobody is known to have. */
export type Cause = { kind: (typeof causes)[number]; by: string | null };

/** The build record: the truth that checks, pages, API and metrics are renderings of. */
export type Build = {
  id: string;
  /** Rises by one with every build created; newest first is highest first. */
  seq: number;
  repo: string;
  repository: Repository;
  /** The full commit id that is built, 40 hexadecimal digits. */
  sha: string;
  /** The full ref that was pushed, `refs/heads/…` or `refs/tags/…`. */
  ref: string;
  /** The rule's name; shown in the check's name. '' is the rules file itself. */
  name: string;
  /** Where the image goes: registry and repository, without a tag. */
  image: string;
  recipe: Recipe;
  /** The image's labels. */
  labels: Record<string, string>;
  /** Whether the image is pushed; a pull request's is built and tested only. */
  publish: boolean;
  pullRequest: PullRequestOf | null;
  /** Whether the rules file at the commit names somebody to be told of the end, and is heeded. */
  notifies: boolean;
  /** Tag names, without the image, that the build asks for. */
  wantedTags: string[];
  /** Those of them that show this build; before the end, the wanted ones. */
  tags: string[];
  state: BuildState;
  step: StepName | null;
  steps: Step[];
  /** One sentence about the state; every end has one. */
  reason: string | null;
  failure: Failure | null;
  /** The manifest digest in the registry, `sha256:…`. */
  digest: string | null;
  /** The image's unpacked size in bytes. */
  size: number | null;
  /** Runs on a worker so far, not counting those handed back by a worker that stopped. */
  attempt: number;
  /**
   * Rises with every run on a worker; a write that carries an older one is refused. The time in
   * milliseconds as a rule: counted, it would come again after a Redis that was set back.
   */
  fence: number;
  /** Orders pushes to one ref: GitHub's `pushed_at` in seconds. */
  pushedAt: number;
  /** Whether the push moved its ref to a commit that does not follow on the one before. */
  forced: boolean;
  /**
   * What the ref showed before, when this push went on from it (a fast-forward): a commit, or an
   * annotated tag's object. Null when the ref is new, the push was forced, or there was none.
   */
  follows: string | null;
  /** First line of the commit's message, and its author's name. */
  message: string;
  author: string;
  createdAt: string;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  worker: string | null;
  checkRunId: number | null;
  /** The page of this build. */
  url: string;
  /** The sentence of a cancellation that was asked for while running, until a worker obeys. */
  cancel: string | null;
  /** The number of the log's last line so far; with those that LOG_LIMIT left out, so many it has. */
  lines: number;
  /** How many bytes of lines the log had in Redis, over all attempts. */
  logBytes: number;
  /** When the log was moved to the archive; null while it is live. */
  archivedAt: string | null;
  /** When the archived log was removed for its age; null while it can be read. */
  logRemovedAt: string | null;
  /**
   * What the check was last told, as `<state> <attempt>`; null before it was told anything,
   * `beginning` while there may be one that the record does not know of, `refused` where it is to be
   * told again what GitHub did not take.
   */
  reported: string | null;
  /** The build whose image stands for this one's, since nothing that it sees had changed. */
  reuses: string | null;
  /** Null in records of an older version. */
  cause: Cause | null;
  /** The build this one repeats, when somebody asked for it again. */
  retryOf: string | null;
};

/** One line of a build's log. */
export type LogLine = {
  /** Counts from 1 over all attempts of the build; lines that LOG_LIMIT left out are counted too. */
  n: number;
  /** Milliseconds since the epoch. */
  at: number;
  step: StepName;
  /** `status` lines are Slipway's or BuildKit's own, the others a command's. */
  stream: 'status' | 'stdout' | 'stderr';
  text: string;
};
