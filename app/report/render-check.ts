import { type Build, type BuildState, hasEnded, type Step } from '../../queue/build.ts';
import { beginningOf, sizeText } from '../../queue/text.ts';
import { stepTime } from '../step-time.ts';

/** What a check run shows, in the terms of GitHub's API (https://docs.github.com/en/rest/checks/runs). */
export type Check = {
  name: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion?: 'success' | 'failure' | 'cancelled';
  title: string;
  summary: string;
  annotations: Annotation[];
  actions: { label: string; description: string; identifier: string }[];
};

/** A mark on the line of the Dockerfile that failed. */
export type Annotation = {
  path: string;
  start_line: number;
  end_line: number;
  /** Only where both lines are the same. */
  start_column?: number;
  end_column?: number;
  annotation_level: 'failure';
  message: string;
};

/** GitHub takes no more in one request. */
const mostAnnotations = 50;

/** GitHub refuses a longer summary. */
const longestSummary = 65_535;

/** The check that a record asks for; the same record always gives the same check. */
export function renderCheck(build: Build): Check {
  return {
    name: checkName(build),
    ...statuses[build.state],
    title: titleOf(build),
    summary: beginningOf(summaryOf(build), longestSummary),
    annotations: annotationsOf(build),
    actions: actionsOf(build),
  };
}

/** GitHub's own button *Re-run* stands beside these once the check is completed. */
function actionsOf({ state, startedAt, failure }: Build): Check['actions'] {
  if (!hasEnded(state)) {
    return [{ label: 'Cancel', description: 'Stop this build.', identifier: 'cancel' }];
  }
  // What no worker began has used no cache: building without would change nothing.
  if (startedAt === null || failure?.step === 'plan') return [];
  const description = 'Build again, reusing no earlier layer.';
  return [{ label: 'Rebuild w/o cache', description, identifier: 'rebuild' }];
}

/** What a build's check is called; a rules file that cannot be read has no rule to name. */
const checkName = ({ name }: Build): string => (name === '' ? 'slipway' : `slipway / ${name}`);

/** Which of GitHub's states and conclusions stands for which of ours. */
const statuses: Record<BuildState, Pick<Check, 'status' | 'conclusion'>> = {
  queued: { status: 'queued' },
  running: { status: 'in_progress' },
  succeeded: { status: 'completed', conclusion: 'success' },
  failed: { status: 'completed', conclusion: 'failure' },
  errored: { status: 'completed', conclusion: 'failure' },
  cancelled: { status: 'completed', conclusion: 'cancelled' },
};

function titleOf(build: Build): string {
  const reason = build.reason?.replace(/\.$/, '') ?? '';
  const titles: Record<BuildState, string> = {
    queued: 'Waiting for a worker',
    running: `Running: ${build.step ?? 'starting'}`,
    succeeded: reason,
    failed: reason,
    errored: `Slipway could not finish: ${reason}`,
    cancelled: reason,
  };
  return beginningOf(titles[build.state], 250);
}

function summaryOf(build: Build): string {
  const parts = [
    build.state === 'succeeded' ? imageTable(build) : sentence(build),
    build.steps.length > 0 ? stepTable(build) : '',
    lastLines(build),
    `[Log and details](${build.url})`,
  ];
  return parts.filter(Boolean).join('\n\n');
}

const sentence = ({ reason }: Build): string => (reason ? plain(reason) : '');

function imageTable(build: Build): string {
  const { image, tags, wantedTags, publish, digest, size, reason } = build;
  return [
    reason ? plain(reason) : '',
    '',
    '| | |',
    '|---|---|',
    `| Image | ${code(image)} |`,
    publish
      ? `| Tags | ${tags.map(code).join(', ')} |`
      : `| Would be tagged | ${wantedTags.map(code).join(', ')} |`,
    ...(digest ? [`| Digest | ${code(digest)} |`] : []),
    `| Size | ${sizeText(size ?? 0)} unpacked |`,
    ...(digest ? ['', fence(`docker pull ${image}@${digest}`)] : []),
  ].join('\n');
}

function stepTable(build: Build): string {
  const rows = build.steps.map(
    (step) => `| ${step.name} | ${stepTime(step, build)} | ${cacheOf(step)} |`,
  );
  return ['| Step | Time | Cache |', '|---|---|---|', ...rows].join('\n');
}

const cacheOf = ({ cached, total }: Step): string =>
  total === undefined ? '' : `${cached} of ${total} steps`;

function lastLines({ failure }: Build): string {
  if (!failure || failure.lastLines.length === 0) return '';
  return `The last lines of the ${failure.step} step:\n\n${fence(failure.lastLines.join('\n'))}`;
}

function annotationsOf({ failure, reason }: Build): Annotation[] {
  if (!failure?.path || failure.line === null) return [];
  const { path, mistakes } = failure;
  if (mistakes) {
    return mistakes.slice(0, mostAnnotations).map(({ line, column, key, message }) => ({
      ...{ path, start_line: line, end_line: line, start_column: column, end_column: column },
      annotation_level: 'failure',
      message: key ? `${key}: ${message}` : message,
    }));
  }
  return [
    {
      path: failure.path,
      start_line: failure.line,
      end_line: failure.endLine ?? failure.line,
      annotation_level: 'failure',
      message: beginningOf(reason ?? 'The build failed here.', 4_000),
    },
  ];
}

/** A code block whose fence is longer than any run of backticks inside, so nothing breaks out. */
function fence(text: string): string {
  const marks = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${marks}text\n${text}\n${marks}`;
}

/** Inline code that no text breaks out of, nor out of a table's cell. */
function code(text: string): string {
  const marks = '`'.repeat(longestRun(text) + 1);
  const padding = marks.length > 1 ? ' ' : '';
  return `${marks}${padding}${text.replaceAll('|', '\\|')}${padding}${marks}`;
}

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/**
 * Text that Markdown and GitHub's mentions leave as it is, in one line. Escaped ampersands too: GitHub
 * would make an `@` of `&commat;` first, and then a mention.
 */
const plain = (text: string): string =>
  text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replace(/@(?=\w)/g, '@\u200b');
