import Handlebars from 'handlebars';
import moment from 'moment-timezone';
import { quoted } from './quoted.ts';
import { refName, type TagContext } from './tag-context.ts';
import { TagMistake } from './tag-line.ts';

/** A template longer than this is none, and what it gives may not be longer either, in characters. */
const longest = 1_000;
const longestText = 4_096;

/**
 * Renders `{{branch}}`, `{{date 'YYYYMMDD' tz='Asia/Tokyo'}}` and the other expressions of
 * https://github.com/docker/metadata-action#global-expressions. Throws TagMistake.
 */
export function renderGlobal(template: string, context: TagContext): string {
  return render(template, globals(context));
}

/** The expressions that a schedule's pattern knows: dates only. */
export function renderDates(template: string, context: TagContext): string {
  const { date, commit_date } = globals(context);
  return render(template, { date, commit_date });
}

/**
 * Renders a template with these names only. Templates are the repository's, so everything of
 * Handlebars that loops, logs, looks into objects or repeats parts of a template is taken away.
 */
export function render(template: string, names: object): string {
  if (template.length > longest) {
    throw new TagMistake(`A template has ${template.length} characters; allowed are ${longest}.`);
  }
  try {
    if (!template.includes('{{')) return template;
    const program = handlebars.parse(template);
    refusePartials(program);
    const text = String(handlebars.compile(program)(names, ownPropertiesOnly));
    if (text.length <= longestText) return text;
    throw new TagMistake(`The template ${quoted(template)} gives ${text.length} characters.`);
  } catch (cause) {
    if (cause instanceof TagMistake) throw cause;
    const problem = (cause as Error).message.split('\n')[0];
    throw new TagMistake(`The template ${quoted(template)} does not work: ${problem}`, { cause });
  }
}

/** Whether a pattern is `{{raw}}` alone, which means something else for pre-releases. */
export function isRaw(pattern: string): boolean {
  return /^\{\{\s*raw\s*\}\}$/.test(pattern);
}

const handlebars = Handlebars.create();
for (const helper of ['each', 'with', 'log', 'lookup']) handlebars.unregisterHelper(helper);

/** Said outright, since Handlebars otherwise writes a warning to the console for each name. */
const ownPropertiesOnly = {
  allowProtoPropertiesByDefault: false,
  allowProtoMethodsByDefault: false,
};

/** Ten parts that each repeat the next ten times would take for ever. */
function refusePartials(program: hbs.AST.Program): void {
  const refuse = () => {
    throw new TagMistake('A template here has no partials and no decorators.');
  };
  const visitor = new Handlebars.Visitor();
  visitor.PartialStatement = refuse;
  visitor.PartialBlockStatement = refuse;
  visitor.DecoratorBlock = refuse;
  visitor.Decorator = refuse;
  visitor.accept(program);
}

function globals(context: TagContext) {
  const { ref, sha, baseRef, defaultBranch, event } = context;
  const branch = refName(ref, 'heads');
  const isDefault =
    ref.replace(/^refs\/heads\//, '') === defaultBranch ||
    (ref !== '' && /create|discussion|issues|schedule/.test(event));
  return {
    branch,
    tag: refName(ref, 'tags'),
    sha: sha.slice(0, 7),
    base_ref: /^refs\/(tags|pull)\//.test(ref) ? (baseRef ?? '') : '',
    is_default_branch: String(isDefault),
    is_not_default_branch: String(!isDefault),
    date: dated(context.now),
    commit_date: dated(context.committedAt),
  };
}

type Options = { hash: Record<string, string> };

const dated =
  (time: Date) =>
  (...args: unknown[]): string => {
    const { hash } = args.at(-1) as Options;
    const [first] = args.slice(0, -1);
    const format = first === undefined ? undefined : String(first);
    const { tz = 'UTC', ...others } = hash;
    const [unknown] = Object.keys(others);
    if (unknown)
      throw new TagMistake(`A date knows the attribute tz only, not ${quoted(unknown)}.`);
    if (!moment.tz.zone(tz))
      throw new TagMistake(`${quoted(tz)} is no time zone, such as Europe/Paris.`);
    return moment(time).tz(tz).format(format);
  };
