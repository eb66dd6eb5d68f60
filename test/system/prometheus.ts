/** The samples of a page of metrics: `name{label="value"}` with the labels by name → value. */
export type Samples = Map<string, number>;

type Family = { name: string; type: string; samples: [string, Map<string, string>, number][] };

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const sample = new RegExp(`^(${name})(?:\\{(${label}(?:, ?${label})*)?\\})? (\\S+)$`);
const types = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];

/**
 * Reads Prometheus's text format and throws at whatever is not as it says
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format): a family in
 * two places, a sample without its type, a series twice, a histogram that does not add up.
 */
export function readMetrics(text: string): Samples {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const samples: Samples = new Map();
  let family: Family | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const [, kind, about = '', said = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (line.startsWith('#') && !kind) throw new Error(`neither help nor type: ${line}`);
    if (kind === 'TYPE') {
      if (families.has(about) || !types.includes(said)) throw new Error(`a wrong type: ${line}`);
      family = { name: about, type: said, samples: [] };
      families.set(about, family);
    } else if (!kind) read(line, family, samples);
    else if (families.has(about)) throw new Error(`help after the type: ${line}`);
  }
  for (const one of families.values()) if (one.type === 'histogram') addUp(one, samples);
  return samples;
}

function read(line: string, family: Family | undefined, samples: Samples): void {
  const [, metric = '', inside = '', value = ''] = sample.exec(line) ?? [];
  const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!family || !suffixes.some((suffix) => metric === family.name + suffix)) {
    throw new Error(`no sample of ${family?.name}: ${line}`);
  }
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
  if (value === '' || Number.isNaN(number)) throw new Error(`no number: ${line}`);
  const pairs = [...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  const labels = new Map(pairs.map(([, key = '', text = '']) => [key, text] as const));
  if (labels.size !== pairs.length) throw new Error(`a label twice: ${line}`);
  const series = seriesOf(metric, labels);
  if (samples.has(series)) throw new Error(`a series twice: ${line}`);
  samples.set(series, number);
  family.samples.push([metric, labels, number]);
}

/** Buckets rise to `+Inf`, which is the count. */
function addUp({ name: metric, samples: all }: Family, samples: Samples): void {
  const last = new Map<string, { le: number; count: number }>();
  for (const [, labels, count] of all.filter(([one]) => one === `${metric}_bucket`)) {
    const le = Number((labels.get('le') ?? '').replace('+Inf', 'Infinity'));
    const others = seriesOf(
      `${metric}_count`,
      new Map([...labels].filter(([key]) => key !== 'le')),
    );
    const before = last.get(others) ?? { le: Number.NEGATIVE_INFINITY, count: 0 };
    if (!(le > before.le) || count < before.count) throw new Error(`${others}: a bucket falls`);
    last.set(others, { le, count });
  }
  for (const [series, { le, count }] of last) {
    if (le !== Number.POSITIVE_INFINITY || count !== samples.get(series)) {
      throw new Error(`${series} is not what its buckets say`);
    }
  }
}

const seriesOf = (metric: string, labels: Map<string, string>): string => {
  const pairs = [...labels].map(([key, text]) => `${key}="${text}"`).sort();
  return pairs.length > 0 ? `${metric}{${pairs.join(',')}}` : metric;
};
