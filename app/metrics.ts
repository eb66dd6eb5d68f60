import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Build, states } from '../queue/build.ts';
import { countIn } from '../queue/build-list.ts';
import type { Store } from '../queue/build-store.ts';
import { countLogs } from '../queue/live-log.ts';
import { formats } from '../queue/notifications.ts';
import { type Queues, queueNames } from '../queue/queues.ts';
import { type Repair, repairs } from '../queue/repair.ts';
import { listWorkers } from '../queue/workers.ts';
import { diskMetrics } from './disk-metrics.ts';
import { type NotificationCounter, notificationOutcomes } from './notify/deliver.ts';
import { recoveryMetrics } from './recovery-metrics.ts';

/** Counts one webhook request by how it was answered. */
export type WebhookCounter = (result: 'accepted' | 'refused' | 'unavailable') => void;

/** What this process counts by itself; the rest of `/metrics` is read from Redis when asked. */
export type Metrics = {
  registry: Registry;
  countWebhook: WebhookCounter;
  observeEnd: (build: Build) => void;
  countRepairs: (what: Repair, count: number) => void;
  /** One more reader of a log, or with -1 one less. */
  countReaders: (change: 1 | -1) => void;
  /** A gap that a reader was given since it was too slow. */
  countGap: () => void;
  /** Counts what was removed because it need not be kept any longer. */
  countRemoved: (what: Removable, number: number) => void;
  countNotification: NotificationCounter;
};

/** What is kept for a time or up to a number. */
export const removables = ['builds', 'logs', 'deliveries'] as const;

/** One of them. */
export type Removable = (typeof removables)[number];

/** Registers what this process counts: webhooks by answer, builds' time running and waiting. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const webhooks = new Counter({
    name: 'slipway_deliveries_total',
    help: 'Webhook requests to this process, by result.',
    labelNames: ['result'],
    registers,
  });
  const duration = new Histogram({
    name: 'slipway_build_duration_seconds',
    help: 'Time from the start of the last attempt to the end of a build.',
    labelNames: ['state'],
    buckets: [1, 3, 10, 30, 60, 120, 300, 600, 1_200, 3_600],
    registers,
  });
  const queueTime = new Histogram({
    name: 'slipway_build_queue_seconds',
    help: 'Time from the push being planned to the start of the last attempt.',
    buckets: [0.1, 0.3, 1, 3, 10, 30, 60, 300, 1_800],
    registers,
  });
  const mended = new Counter({
    name: 'slipway_repairs_total',
    help: 'What this process found out of order and mended, see docs/reliability.md.',
    labelNames: ['what'],
    registers,
  });
  const readers = new Gauge({
    name: 'slipway_log_readers',
    help: 'Answers of this process under way that hold a log, live or not.',
    registers,
  });
  const gaps = new Counter({
    name: 'slipway_log_gaps_total',
    help: 'How often a reader of a live log was too slow and had lines left out.',
    registers,
  });
  for (const what of repairs) mended.inc({ what }, 0);
  const removed = new Counter({
    name: 'slipway_removed_total',
    help: 'What this process removed by KEEP_BUILDS, KEEP_LOGS_FOR and the like.',
    labelNames: ['what'],
    registers,
  });
  for (const what of removables) removed.inc({ what }, 0);
  const notifications = new Counter({
    name: 'slipway_notifications_total',
    help: 'Tries of this process to tell of an end, by format and how they went.',
    labelNames: ['format', 'outcome'],
    registers,
  });
  for (const format of formats)
    for (const outcome of notificationOutcomes) notifications.inc({ format, outcome }, 0);
  for (const result of ['accepted', 'refused', 'unavailable']) webhooks.inc({ result }, 0);
  return {
    registry,
    countRepairs: (what, count) => mended.inc({ what }, count),
    countReaders: (change) => readers.inc(change),
    countGap: () => gaps.inc(),
    countWebhook: (result) => webhooks.inc({ result }),
    observeEnd: ({ state, startedAt, finishedAt, createdAt }) => {
      if (!startedAt || !finishedAt) return;
      duration.observe({ state }, secondsBetween(startedAt, finishedAt));
      queueTime.observe(secondsBetween(createdAt, startedAt));
    },
    countRemoved: (what, number) => removed.inc({ what }, number),
    countNotification: (format, outcome) => notifications.inc({ format, outcome }),
  };
}

/** The whole of `/metrics` in Prometheus's text format. */
export async function metricsText(
  { registry }: Metrics,
  store: Store,
  queues: Queues,
  recovery: { budget: number } | null,
): Promise<string> {
  const exported = await Promise.all(queueNames.map((q) => queues[q].exportPrometheusMetrics()));
  const parts = [
    await registry.metrics(),
    await gauges(store),
    ...(recovery ? [await recoveryMetrics(store, recovery.budget)] : []),
    mergedFamilies(exported),
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n')}\n`;
}

async function gauges(store: Store): Promise<string> {
  const counts = await Promise.all(states.map((state) => countIn(store, state)));
  const workers = await listWorkers(store);
  const { lines, bytes, cutLines, cutBytes } = await countLogs(store);
  const ready = workers.filter(({ problem }) => problem === null).length;
  return [
    '# HELP slipway_builds Builds on record, by state.',
    '# TYPE slipway_builds gauge',
    ...states.map((state, i) => `slipway_builds{state="${state}"} ${counts[i]}`),
    '# HELP slipway_workers Workers that are there, by whether they take builds.',
    '# TYPE slipway_workers gauge',
    `slipway_workers{ready="true"} ${ready}`,
    `slipway_workers{ready="false"} ${workers.length - ready}`,
    '# HELP slipway_log_lines_total Lines that all builds wrote, by what became of them.',
    '# TYPE slipway_log_lines_total counter',
    `slipway_log_lines_total{result="written"} ${lines}`,
    `slipway_log_lines_total{result="cut"} ${cutLines}`,
    '# HELP slipway_log_bytes_total The same in bytes as Redis holds them.',
    '# TYPE slipway_log_bytes_total counter',
    `slipway_log_bytes_total{result="written"} ${bytes}`,
    `slipway_log_bytes_total{result="cut"} ${cutBytes}`,
    ...diskMetrics(workers),
  ].join('\n');
}

/** Each queue's export repeats the headers, which the format allows only once a metric. */
function mergedFamilies(texts: string[]): string {
  const families = new Map<string, Set<string>>();
  for (const line of texts.flatMap((text) => text.split('\n')).filter(Boolean)) {
    const name = /^# (?:HELP|TYPE) (\S+)|^([\w:]+)/.exec(line);
    const key = name?.[1] ?? name?.[2] ?? '';
    families.set(key, (families.get(key) ?? new Set()).add(line));
  }
  return [...families.values()].flatMap((lines) => [...lines]).join('\n');
}

const secondsBetween = (from: string, to: string): number =>
  (Date.parse(to) - Date.parse(from)) / 1_000;
