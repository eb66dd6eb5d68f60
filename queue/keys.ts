/**
 * Every Redis key Slipway owns beside BullMQ's. The braces put all of them into one slot of a Redis
 * Cluster, since one atomic step touches several (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export type Keys = ReturnType<typeof keysUnder>;

/** The keys below a prefix; tests use a prefix of their own to share one Redis. */
export const keysUnder = (prefix: string) => ({
  /** What BullMQ puts before its own keys. */
  bull: `{${prefix}}`,
  /** Hash: the build record, each field as JSON. */
  build: (id: string) => `{${prefix}}:build:${id}`,
  /** Stream: the live log; entry `<n>-0` is line n. Deleted once archived. */
  log: (id: string) => `{${prefix}}:log:${id}`,
  /** Hash: `lines` and `bytes` that went into logs, `cutLines` and `cutBytes` that LOG_LIMIT took. */
  logCounts: `{${prefix}}:log-counts`,
  /** Counter: the `seq` of the newest build. */
  seq: `{${prefix}}:seq`,
  /** Sorted set of build ids by `seq`. */
  builds: `{${prefix}}:builds`,
  /** The same of one repository. */
  buildsOf: (repositoryId: number) => `{${prefix}}:repo:${repositoryId}:builds`,
  /** The same of one state. */
  buildsIn: (state: string) => `{${prefix}}:state:${state}`,
  /** String: what is known of a repository. */
  repository: (id: number) => `{${prefix}}:repo:${id}`,
  /** Hash: lower-cased `owner/name` → repository id. */
  repositoryNames: `{${prefix}}:repo-names`,
  /** Sorted set of build ids whose record changed and whose check has not followed; by time. */
  dueReports: `{${prefix}}:due:reports`,
  /** Sorted set of ended builds whose log is not archived; by time. */
  dueArchives: `{${prefix}}:due:archives`,
  /** Sorted set of ended builds whose check on GitHub is yet to be looked at again; by time. */
  dueChecks: `{${prefix}}:due:checks`,
  /** Sorted set of ended builds whose end is not yet put up to be told; by time. */
  dueNotifications: `{${prefix}}:due:notifications`,
  /** Hash: a notification's id → what became of it, of one repository; the last 50. */
  notifications: (repositoryId: number) => `{${prefix}}:repo:${repositoryId}:notifications`,
  /** Sorted set of the ids of these notifications by the time they were put up, in milliseconds. */
  notificationTimes: (repositoryId: number) =>
    `{${prefix}}:repo:${repositoryId}:notification-times`,
  /** Sorted set of the ids of those that are being sent, by when their places come free; of one repository. */
  sending: (repositoryId: number) => `{${prefix}}:repo:${repositoryId}:sending`,
  /** Set of build ids whose report GitHub did not take, of one repository; gone after 14 days. */
  refusedReports: (repositoryId: number) => `{${prefix}}:repo:${repositoryId}:refused-reports`,
  /** Sorted set of running builds that no worker holds; by when that was seen first. */
  unheld: `{${prefix}}:unheld`,
  /** Sorted set of tags that a registry may turn back yet, and to what; by when they are looked at. */
  doubtfulTags: `{${prefix}}:due:tags`,
  /** Hash: owner → the last turn one of its builds got, and under '' the current one. */
  turns: `{${prefix}}:turns`,
  /** Hash: one webhook delivery and what became of it; kept as long as GitHub can send it again. */
  delivery: (guid: string) => `{${prefix}}:delivery:${guid}`,
  /** Sorted set of the deliveries' GUIDs by the time they came, in milliseconds. */
  deliveries: `{${prefix}}:deliveries`,
  /** String: a worker's presence, refreshed every few seconds. */
  worker: (name: string) => `{${prefix}}:worker:${name}`,
  /** Sorted set of worker names by the time they were last seen. */
  workers: `{${prefix}}:workers`,
  /** Sorted set of `<image id> <name>` that Slipway pulled into an Engine, by their last use. */
  pulledImages: (engine: string) => `{${prefix}}:engine:${engine}:pulled`,
  /** Hash: tag → the push that owns it now, of one image. */
  tags: (image: string) => `{${prefix}}:tags:${image}`,
  /** String: the image that was made of known inputs; gone 30 days after its last use. */
  knownImage: (fingerprint: string) => `{${prefix}}:known-image:${fingerprint}`,
  /** Hash: Engine → when it built a rule last, and `cacheFrom`; gone 7 days after the last build. */
  warmth: (repositoryId: number, rule: string) => `{${prefix}}:repo:${repositoryId}:warmth:${rule}`,
  /** String: the browser that began to register a GitHub App; gone after an hour. */
  registration: (state: string) => `{${prefix}}:registration:${state}`,
  /** Hash: who is signed in, and their encrypted tokens; under the SHA-256 of what the browser has. */
  session: (hash: string) => `{${prefix}}:session:${hash}`,
  /** Hash: tag → the ref whose name it is made of, of one image. */
  tagClaims: (image: string) => `{${prefix}}:tag-claims:${image}`,
  /** Hash: pull request number → the fork's commit that waits to be allowed, of one repository. */
  approvals: (repositoryId: number) => `{${prefix}}:repo:${repositoryId}:approvals`,
  /** Hash: ref → its head as planned last, and `baseline` once all refs were looked at, of one repository. */
  heads: (repositoryId: number) => `{${prefix}}:repo:${repositoryId}:heads`,
  /** String: what a head of a ref was planned under, and for a push of when; gone after 8 days. */
  plannedHead: (repositoryId: number, refAndHead: string) =>
    `{${prefix}}:repo:${repositoryId}:planned:${refAndHead}`,
  /** Hash: a delivery that GitHub has and Slipway lacks, and what was done about it; gone after 8 days. */
  missed: (guid: string) => `{${prefix}}:missed:${guid}`,
  /** Sorted set of the GUIDs of such deliveries by the time at which something is to be done. */
  allMissed: `{${prefix}}:missed`,
  /** Hash: how far catch-up and the sweep came, and what they count. */
  recovery: `{${prefix}}:recovery`,
  /** Hash: GitHub's API as catch-up or the sweep used it in one hour; gone after the next. */
  calls: (by: string, hour: number) => `{${prefix}}:calls:${by}:${hour}`,
  /** String: written to see whether Redis takes writes; gone after a minute. */
  probe: `{${prefix}}:probe`,
  /** String: who moves an image's tags, fetches into a mirror, prunes an Engine, refreshes a token or tidies up now. */
  lock: (name: string) => `{${prefix}}:lock:${name}`,
});
