/** A span of time for people: `0.4 s`, `42 s`, `3 m 5 s`, `3 m`, `1 h 2 m`. Takes milliseconds. */
export function durationText(milliseconds: number): string {
  const seconds = roundedDuration(milliseconds) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return whole(`${minutes} m`, total % 60, 's');
  return whole(`${Math.floor(minutes / 60)} h`, minutes % 60, 'm');
}

/** A span of time in milliseconds, no finer than it is told to people: tenths of a second, seconds or minutes. */
export function roundedDuration(milliseconds: number): number {
  const grain = milliseconds < 9_950 ? 100 : milliseconds < 3_600_000 ? 1_000 : 60_000;
  return Math.round(milliseconds / grain) * grain;
}

const whole = (large: string, rest: number, unit: string): string =>
  rest === 0 ? large : `${large} ${rest} ${unit}`;

/** A number of bytes for people, in powers of 1,000 as Docker shows sizes: `5.2 MB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power]}`;
}

/** Bytes as people read them, in powers of 1024 as in the environment: `1.2 GiB`. */
export function sizeInWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${Number((bytes / 1_024 ** step).toFixed(1))} ${units[step]}`;
}

/** The beginning of a text, of so many UTF-16 units at most, that ends with no half of a character. */
export function beginningOf(text: string, length: number): string {
  const cut = text.slice(0, length);
  const isCutInside = cut.length < text.length && /[\ud800-\udbff]$/.test(cut);
  return isCutInside ? cut.slice(0, -1) : cut;
}

/** A commit id as people write it. */
export const shortSha = (sha: string): string => sha.slice(0, 7);

/** A branch's or tag's name without `refs/…/`. */
export const refName = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

/** Why a log cannot be read any longer; takes an ISO 8601 time. */
export const logRemoved = (at: string): string =>
  `The log was removed on ${at.slice(0, 10)}: it was older than this Slipway keeps logs (KEEP_LOGS_FOR).`;
