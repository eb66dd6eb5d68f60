import type { Store } from '../queue/build-store.ts';
import { callers, callsThisHour } from '../queue/calls.ts';

type Family = { name: string; type: 'counter' | 'gauge'; help: string; samples: Sample[] };
type Sample = [labels: string, value: number];

/** What catch-up and the sweep did, all web processes together, in Prometheus's text format. */
export async function recoveryMetrics(store: Store, budget: number): Promise<string> {
  const { redis, keys } = store;
  const fields = await redis.hgetall(keys.recovery);
  const waiting = await redis.zcard(keys.allMissed);
  const made = await Promise.all(callers.map((by) => callsThisHour(store, by)));
  const count = (field: string): number => Number(fields[field] ?? 0);
  const families: Family[] = [
    {
      name: 'slipway_recovery_calls_total',
      type: 'counter',
      help: 'Calls of GitHub’s API after pushes that did not arrive.',
      samples: callers.map((by) => [`{by="${by}"}`, count(`calls:${by}`)]),
    },
    {
      name: 'slipway_recovery_budget_left',
      type: 'gauge',
      help: 'Calls that CATCH_UP_BUDGET leaves in this hour.',
      samples: callers.map((by, i) => [`{by="${by}"}`, Math.max(0, budget - (made[i] ?? 0))]),
    },
    {
      name: 'slipway_catch_up_deliveries_total',
      type: 'counter',
      help: 'Deliveries that were missing, by how they came or that they were given up.',
      samples: ways.map((way) => [`{by="${way}"}`, count(`deliveries:${way}`)]),
    },
    {
      name: 'slipway_catch_up_waiting',
      type: 'gauge',
      help: 'Deliveries that are missing and not given up.',
      samples: [['', waiting]],
    },
    moment(
      'slipway_catch_up_mark_timestamp_seconds',
      'Up to when GitHub’s list of deliveries was read.',
      count('mark'),
    ),
    moment(
      'slipway_catch_up_success_timestamp_seconds',
      'When catch-up went through the last time.',
      count('caughtUpAt'),
    ),
    {
      name: 'slipway_sweep_repositories_total',
      type: 'counter',
      help: 'Repositories whose refs were compared with what was planned.',
      samples: [['', count('sweep:repositories')]],
    },
    {
      name: 'slipway_sweep_refs_missed_total',
      type: 'counter',
      help: 'Refs that the sweep found elsewhere than they were planned.',
      samples: [['', count('sweep:refs')]],
    },
    moment(
      'slipway_sweep_success_timestamp_seconds',
      'When every repository was swept the last time.',
      count('sweptAt'),
    ),
  ];
  return families.map(textOf).join('\n');
}

const ways = ['payload', 'redelivery', 'late', 'given up'];

const moment = (name: string, help: string, milliseconds: number): Family => ({
  ...{ name, type: 'gauge', help },
  samples: [['', milliseconds / 1_000]],
});

const textOf = ({ name, type, help, samples }: Family): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ].join('\n');
