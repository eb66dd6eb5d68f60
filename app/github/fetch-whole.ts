/**
 * Fetches an answer with all of its body, and throws if the server lets `patience` milliseconds
 * pass without a byte: a connection that fell silent would be waited for for minutes, and an answer
 * that breaks off is taken by Octokit for an empty one.
 */
export async function fetchWhole(
  patience: number,
  url: string,
  init: RequestInit,
): Promise<Response> {
  const silence = new AbortController();
  const abort = () => silence.abort(new Error(`${new URL(url).host} was silent for too long.`));
  const timer = setTimeout(abort, patience);
  const signal = init.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal;
  try {
    const answer = await fetch(url, { ...init, signal });
    const parts: Uint8Array[] = [];
    for await (const part of answer.body ?? []) {
      parts.push(part);
      timer.refresh();
    }
    const whole = new Response(parts.length > 0 ? Buffer.concat(parts) : null, answer);
    // Octokit reads a list's next pages by it, and a response made here has none.
    return Object.defineProperty(whole, 'url', { value: answer.url });
  } finally {
    clearTimeout(timer);
  }
}
