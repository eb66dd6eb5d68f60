import {
  type Color,
  createColorPalette,
  namedColors,
  parseAnsiSequences,
} from 'ansi-sequence-parser';
import { visibleText } from './visible-text.ts';

/** A piece of a line in one style; `classes` are those of app/pages/styles/ansi.ts, '' for none. */
export type Span = { text: string; classes: string };

/**
 * A line of a log as a terminal would leave it: its colours as classes, and of a line that overwrote
 * itself the last state. Whatever else a terminal would obey (moves of the cursor, titles, links, the
 * clipboard) is text that can be seen. A colour ends with its line, so that each can be shown alone.
 */
export function styledText(line: string): Span[] {
  const shown = lastState(line);
  if (!shown.includes('\u001b')) return [{ text: visibleText(shown), classes: '' }];
  const end = endOfColours(shown);
  const coloured = parseAnsiSequences(coloursOnly(shown.slice(0, end))).map(
    ({ value, foreground, background, decorations }) => {
      const isTurned = decorations.has('reverse');
      const [text, ground] = isTurned ? [background, foreground] : [foreground, background];
      const classes = [...decorations].filter((name) => shownDecorations.has(name)) as string[];
      // Text on a coloured ground has the page's own ground as its colour, which can always be read.
      if (ground || isTurned) classes.push(`on-${ground ? nameOf(ground) : 'text'}`);
      else if (text) classes.push(`in-${nameOf(text)}`);
      return { text: visibleText(value), classes: classes.join(' ') };
    },
  );
  if (end === shown.length) return coloured;
  return [...coloured, { text: plainText(shown.slice(end)), classes: '' }];
}

/** A line of a log without its colours; for a search in many lines much faster than with them. */
export const plainText = (line: string): string =>
  visibleText(lastState(line).replace(/\u001b\[0?K/g, ''));

/** Hidden text is shown: nothing may hide in a log. */
const shownDecorations = new Set<string>(['bold', 'dim', 'italic', 'underline', 'strikethrough']);

/** The rest of a line that changes its colour more often is plain: each change is an element of the page. */
const mostChanges = 200;

/** Where the text ends that is coloured: right before one change too many. */
function endOfColours(text: string): number {
  const change = /\u001b\[[\d;:]*m/g;
  for (let changes = 0; changes < mostChanges; changes += 1) {
    if (!change.test(text)) return text.length;
  }
  return change.exec(text)?.index ?? text.length;
}

/** What comes after the last carriage return, behind BuildKit's `#7 0.312 ` if the line has that. */
function lastState(line: string): string {
  const text = line.replace(/\r+$/, '');
  const start = text.lastIndexOf('\r') + 1;
  if (start === 0) return text;
  return (/^#\d+ \d+\.\d+ /.exec(text)?.[0] ?? '') + text.slice(start);
}

/**
 * Leaves of all escapes those that colour, in the form that the parser knows, for which any `ESC [`
 * goes on to the next m. To erase the rest of a line is nothing where nothing follows.
 */
const coloursOnly = (text: string): string =>
  text.replace(/\u001b(?:\[(?:([\d;:]*)m|0?K))?/g, (whole, colour?: string) => {
    if (colour !== undefined) return `\u001b[${withSemicolons(colour)}m`;
    return whole === '\u001b' ? '\u241b' : '';
  });

/** ISO 8613-6 writes `38:2::r:g:b` and `4:3`; an absent number means 0. */
const withSemicolons = (colour: string): string =>
  colour
    .replace(/([34]8):2:\d*:(\d+:\d+:\d+)/g, '$1:2:$2')
    .replace(/\b(4):\d+/g, '$1')
    .split(/[;:]/)
    .map((number) => number || '0')
    .join(';');

const palette = createColorPalette();

/** The one of the sixteen names that a colour is, or is nearest to. */
function nameOf(colour: Color): string {
  if (colour.type === 'named') return dashed(colour.name);
  const wanted = rgbOf(palette.value(colour) ?? '#eeeeee');
  const distances = namedColors.map((name) => {
    const rgb = rgbOf(palette.value({ type: 'named', name }));
    return rgb.reduce((sum, part, index) => sum + (part - wanted[index]!) ** 2, 0);
  });
  return dashed(namedColors[distances.indexOf(Math.min(...distances))]!);
}

const rgbOf = (hex: string): number[] =>
  [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));

const dashed = (name: string): string =>
  name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
