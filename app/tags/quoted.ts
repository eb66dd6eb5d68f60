/** A text of the repository's in a sentence, cut where it would drown the rest. */
export const quoted = (text: string): string =>
  `“${text.length > 80 ? `${text.slice(0, 80)}…` : text}”`;
