/** Shorter parts of a URL are words like any other. */
const shortestSecret = 6;

/** A text from outside in which whatever of a URL's path and query it repeats is left out. */
export function withoutUrl(text: string, url: string): string {
  const { pathname, search } = new URL(url);
  const written = `${pathname}${search}`.split(/[/?&=;+]/);
  const parts = [...written, ...written.map(decoded)].filter(
    ({ length }) => length >= shortestSecret,
  );
  return parts
    .sort((a, b) => b.length - a.length)
    .reduce((rest, part) => rest.replaceAll(part, '…'), text);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
