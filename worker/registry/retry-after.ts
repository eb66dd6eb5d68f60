const longest = 300_000;

/**
 * A Retry-After header in milliseconds from now, at most five minutes; null when it is missing or
 * neither seconds nor an HTTP date. See https://www.rfc-editor.org/rfc/rfc9110#field.retry-after.
 */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, longest);
  // Date.parse alone would take "1.5" for a day in January.
  const date = /^[A-Z].* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.min(Math.max(date - now, 0), longest);
}
