/** One instruction of a Dockerfile. */
export type Instruction = {
  /** Upper-cased: `RUN`. */
  keyword: string;
  /** What follows the keyword, continuation lines joined as BuildKit joins them. */
  rest: string;
  /** 1-based first and last line, and the last one before its heredocs. */
  line: number;
  endLine: number;
  headLine: number;
};

/** One stage: its FROM and what follows it. */
export type Stage = {
  /** Lower-cased, as BuildKit shows it; null without `AS`. */
  name: string | null;
  /** The image or stage named after FROM, variables not expanded. */
  base: string;
  from: Instruction;
  instructions: Instruction[];
};

/** A Dockerfile's global arguments (before the first FROM) and its stages. */
export type Dockerfile = { args: Instruction[]; stages: Stage[] };

/** Lines after these are not read; keeps hostile files from costing time. */
export const mostLines = 10_000;

/** Heredocs of one instruction after these are not read either: each is looked for to the end. */
export const mostHeredocs = 100;

/**
 * Reads a Dockerfile for the sake of line numbers. Never throws: what is not valid here is for
 * BuildKit to refuse, see
 * https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go.
 */
export function readDockerfile(text: string): Dockerfile {
  const found: Dockerfile = { args: [], stages: [] };
  for (const instruction of readInstructions(text)) {
    const stage = found.stages.at(-1);
    if (instruction.keyword === 'FROM') found.stages.push(stageOf(instruction));
    else if (stage) stage.instructions.push(instruction);
    else if (instruction.keyword === 'ARG') found.args.push(instruction);
  }
  return found;
}

function stageOf(from: Instruction): Stage {
  const words = from.rest.split(/\s+/).filter((word) => word !== '' && !word.startsWith('--'));
  const name = words[1]?.toLowerCase() === 'as' ? (words[2]?.toLowerCase() ?? null) : null;
  return { name, base: words[0] ?? '', from, instructions: [] };
}

/** Every instruction of a Dockerfile in its order, also what BuildKit would refuse. */
export function readInstructions(text: string): Instruction[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/, mostLines);
  const escapeCharacter = escapeOf(lines);
  const found: Instruction[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (isSkipped(lines[at]!)) continue;
    const line = at + 1;
    const parts: string[] = [];
    for (;;) {
      const { text: part, goesOn } = withoutContinuation(lines[at]!, escapeCharacter);
      parts.push(part);
      if (!goesOn) break;
      // Comments and empty lines inside a continuation are dropped, not its end.
      const next = nextLine(lines, at, (candidate) => !isSkipped(candidate));
      if (next === -1) break;
      at = next;
    }
    const headLine = at + 1;
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(parts.join('')) ?? [];
    for (const { word, trimmed } of heredocs(keyword.toUpperCase(), rest)) {
      const isEnd = (candidate: string): boolean =>
        (trimmed ? candidate.replace(/^\t+/, '') : candidate) === word;
      const end = nextLine(lines, at, isEnd);
      if (end !== -1) at = end;
    }
    const place = { line, headLine, endLine: at + 1 };
    found.push({ keyword: keyword.toUpperCase(), rest: rest.trim(), ...place });
  }
  return found;
}

/** The index of the first line after `at` that passes; -1 when none does. */
function nextLine(lines: string[], at: number, passes: (line: string) => boolean): number {
  for (let index = at + 1; index < lines.length; index += 1)
    if (passes(lines[index]!)) return index;
  return -1;
}

const isSkipped = (line: string): boolean => /^\s*(#|$)/.test(line);

/** The escape character, which a directive in the first lines may change to a backtick. */
function escapeOf(lines: string[]): string {
  for (const line of lines) {
    const directive = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S+)/.exec(line);
    if (!directive) return '\\';
    if (directive[1]!.toLowerCase() === 'escape') return directive[2] === '`' ? '`' : '\\';
  }
  return '\\';
}

function withoutContinuation(line: string, character: string): { text: string; goesOn: boolean } {
  const trimmed = line.trimEnd();
  return trimmed.endsWith(character)
    ? { text: trimmed.slice(0, -1), goesOn: true }
    : { text: line, goesOn: false };
}

/** The instruction that an ONBUILD keeps for images made from this one. */
export function triggerOf({ rest, ...place }: Instruction): Instruction {
  const [, keyword = '', its = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  return { ...place, keyword: keyword.toUpperCase(), rest: its };
}

/** The words at the beginning of an instruction that are flags, as they are written. */
export const flagsOf = ({ rest }: Instruction): string =>
  /^(?:--\S+(?:\s+|$))*/.exec(rest)?.[0] ?? '';

/** The words that end the heredocs opened in an instruction: `RUN <<EOF`, `COPY <<-"A" <<B /`. */
function heredocs(keyword: string, rest: string): { word: string; trimmed: boolean }[] {
  if (!['RUN', 'COPY', 'ADD', 'ONBUILD'].includes(keyword)) return [];
  const all = [...rest.matchAll(/(?:^|\s)\d*<<(-?)(["']?)([^\s<"']+)\2/g)];
  return all.slice(0, mostHeredocs).map((found) => ({
    trimmed: found[1] === '-',
    word: found[3]!,
  }));
}
