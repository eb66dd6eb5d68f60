/** GitHub's tokens by their form, whether we know them or not. */
const gitHubToken = /gh[a-z]_[A-Za-z0-9._-]{20,}|github_pat_[A-Za-z0-9_]{20,}/g;

/** No token of GitHub's is longer, in characters. */
const longestToken = 1_024;

/** What stands in a log where a secret was. */
const mark = '***';

/** Keeps secrets out of a log. */
export type Mask = {
  /** The text with a mark in the place of every secret. */
  hide(text: string): string;
  /** Where to cut a text so that no secret is cut: at `at`, or else before the secret there. */
  placeToCut(text: string, at: number): number;
  /** How many characters a secret may have: so much more has to be known of a text to be cut. */
  reach(): number;
};

/**
 * Hides the secrets given, each line of those that have several, with and without the blanks around
 * it, and whatever looks like a GitHub token. Values shorter than 6 characters are left, since hiding
 * them would hide half the log. The list of secrets may grow.
 */
export function createMask(secrets: () => readonly string[]): Mask {
  let known = 0;
  let values: string[] = [];
  const current = (): string[] => {
    const all = secrets();
    if (all.length === known) return values;
    known = all.length;
    const lines = all.flatMap((secret) => secret.split('\n'));
    values = [...new Set(lines.flatMap((line) => [line, line.trim()]))];
    values = values.filter((value) => value.length >= 6);
    return values;
  };
  return {
    hide: (text) => {
      let shown = '';
      let at = 0;
      for (const { start, end } of placesOf(current(), text)) {
        shown += text.slice(at, start) + mark;
        at = end;
      }
      return at === 0 ? text : shown + text.slice(at);
    },
    placeToCut: (text, at) => {
      const cut = placesOf(current(), text).find(({ start, end }) => start < at && at < end);
      if (!cut) return at;
      return cut.start > 0 ? cut.start : cut.end;
    },
    reach: () => Math.max(longestToken, ...current().map((value) => value.length)),
  };
}

type Place = { start: number; end: number };

/** Where secrets are in a text, in order; those that overlap are one place. */
function placesOf(values: string[], text: string): Place[] {
  const found: Place[] = [];
  for (const value of values) {
    for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1))
      found.push({ start: at, end: at + value.length });
  }
  for (const { index, 0: token } of text.matchAll(gitHubToken))
    found.push({ start: index, end: index + token.length });
  found.sort((a, b) => a.start - b.start);
  const merged: Place[] = [];
  for (const place of found) {
    const last = merged.at(-1);
    if (last && place.start < last.end) last.end = Math.max(last.end, place.end);
    else merged.push(place);
  }
  return merged;
}
