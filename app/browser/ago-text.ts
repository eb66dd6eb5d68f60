/** A moment as people say it; takes ISO 8601, and milliseconds since the epoch. */
export function agoText(iso: string, now: number): string {
  const minutes = Math.trunc((now - Date.parse(iso)) / 60_000);
  if (minutes === 0) return 'just now';
  return minutes > 0 ? `${spanText(minutes)} ago` : `in ${spanText(-minutes)}`;
}

function spanText(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 60 / 24)} days`;
}
