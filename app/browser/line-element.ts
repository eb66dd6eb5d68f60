import { kindOf, type LineData } from './log-shape.ts';
import { styledText } from './styled-text.ts';

/** A line as app/pages/build-log.ts writes it. All that it says is set as text, never as markup. */
export function lineElement(data: LineData): HTMLElement {
  const { n, text } = data;
  const line = document.createElement('div');
  line.className = `line ${kindOf(data)}`;
  if (n !== null) {
    line.id = `L${n}`;
    const link = document.createElement('a');
    link.href = `#L${n}`;
    link.dataset.n = String(n);
    link.ariaLabel = `Line ${n}`;
    link.tabIndex = -1;
    line.append(link);
  }
  for (const { text: piece, classes } of styledText(text)) {
    if (classes === '') {
      line.append(piece);
      continue;
    }
    const span = document.createElement('span');
    span.className = classes;
    span.textContent = piece;
    line.append(span);
  }
  line.append('\n');
  return line;
}
