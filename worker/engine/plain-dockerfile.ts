import {
  flagsOf,
  type Instruction,
  mostHeredocs,
  mostLines,
  readInstructions,
  triggerOf,
} from './dockerfile.ts';

/**
 * Whether a Dockerfile is written so that every version of BuildKit reads the same files, images
 * and stages in it as `readDockerfile` does. Where it is not, nothing that depends on what it takes
 * may be concluded: neither that an image is the same, nor that a registry is one of its own.
 */
export function isPlain(text: string): boolean {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.length > mostLines || lines.some((line) => escapeDirective.test(line))) return false;
  if (lines.some((line) => !isComment(line) && oddities.some((oddity) => oddity.test(line))))
    return false;
  const instructions = readInstructions(text);
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  if (hasRepeatedArguments(instructions.slice(0, Math.max(first, 0)))) return false;
  return instructions.every(
    (instruction, index) =>
      isPlainInstruction(instruction, index < first) && hasPlainHeredocs(instruction, lines),
  );
}

/** The second of two global arguments of one name takes the first one's value away, in older ones. */
function hasRepeatedArguments(globals: Instruction[]): boolean {
  const args = globals.filter(({ keyword }) => keyword === 'ARG');
  const names = args.flatMap(({ rest }) =>
    [...rest.matchAll(/(?:^|\s)([A-Za-z_]\w*)/g)].map(([, name]) => name),
  );
  return new Set(names).size < names.length;
}

/** Which character continues a line is then read otherwise here and there. */
const escapeDirective = /^[\s\u0085]*(#|\/\/)[\s#]*escape\s*=/i;

const isComment = (line: string): boolean => /^[ \t]*#/.test(line);

const oddities = [
  // White space to some and not to others.
  /[^\S \t]|[\u0085\uFEFF]/,
  // Continued on the next line by older ones only.
  /[\\`]{2}[ \t]*$/,
];

const keywords = [
  ...['FROM', 'ARG', 'RUN', 'COPY', 'ADD', 'ONBUILD', 'CMD', 'ENTRYPOINT', 'ENV', 'LABEL'],
  ...['MAINTAINER', 'EXPOSE', 'VOLUME', 'USER', 'WORKDIR', 'STOPSIGNAL', 'HEALTHCHECK', 'SHELL'],
];

function isPlainInstruction(instruction: Instruction, isGlobal: boolean): boolean {
  const { keyword, rest } = instruction;
  if (!keywords.includes(keyword)) return false;
  if (keyword === 'ONBUILD') return isPlainInstruction(triggerOf(instruction), false);
  if (keyword === 'ARG') return !isGlobal || (plainArgs.test(rest) && hasPlainVariables(rest));
  if (!['FROM', 'COPY', 'ADD', 'RUN'].includes(keyword)) return true;
  const flags = flagsOf(instruction);
  if (/["'\\`]/.test(flags)) return false;
  if (keyword === 'FROM') {
    const [base = ''] = rest.slice(flags.length).split(/\s+/);
    return hasPlainVariables(base) && /^[\w./:@-]*$/.test(base.replace(variables, ''));
  }
  const sources = [...flags.matchAll(/(?:--|[=,])from=([^\s,]*)/gi)];
  return sources.every(([, from = '']) => /^[\w./:@-]+$/.test(from));
}

/** `NAME`, `NAME=value` and quoted values, which nothing follows and in which nothing is escaped. */
const plainArgs = /^(?:\s*[A-Za-z_]\w*(?:="[^"\\`]*"|='[^'\\`$]*'|=[^\s"'\\`]*)?(?=\s|$))*$/;

/** `$NAME`, `${NAME}`, `${NAME:-word}` and `${NAME:+word}`, which all BuildKits expand alike. */
const variables = /\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*(?::[-+][\w./:@-]*)?\})/g;

const hasPlainVariables = (text: string): boolean =>
  !automatic.test(text) && !text.replace(variables, '').includes('$');

/** Arguments that BuildKit itself gives, from the platforms of the Engine and the image. */
const automatic = /\$\{?(?:TARGET|BUILD)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)\b/;

/**
 * Whether a heredoc is one for every BuildKit that knows them, and a mistake for one that does not:
 * its last word is no instruction, and does not belong to one.
 */
function hasPlainHeredocs(
  { keyword, rest, headLine, endLine }: Instruction,
  lines: string[],
): boolean {
  if (!['RUN', 'COPY', 'ADD', 'ONBUILD'].includes(keyword)) return true;
  const begun = [...rest.matchAll(/(?:^|\s)\d*<</g)];
  const plain = [...rest.matchAll(/(?:^|\s)\d*<<-?(["']?)([A-Za-z_]\w*)\1(?=\s|$)/g)];
  if (begun.length === 0) return true;
  if (begun.length > mostHeredocs) return false;
  const body = lines.slice(headLine, endLine - 1);
  const last = body.findLast((line) => line.trim() !== '' && !isComment(line)) ?? '';
  return (
    begun.length === plain.length &&
    headLine < endLine &&
    plain.every(([, , word = '']) => !keywords.includes(word.toUpperCase())) &&
    !body.some((line) => line.includes('<<')) &&
    !/[\\`][ \t]*$/.test(last)
  );
}
