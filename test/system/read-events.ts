/** One server-sent event. */
export type ServerEvent = { event: string; id: string | null; data: Record<string, unknown> };

/**
 * Reads server-sent events as a browser does, with `more` headers, until the stream ends or `enough` says so. Throws
 * when the answer is not a stream of events, or an event not of the form the standard gives it.
 */
export async function readEvents(
  url: string,
  lastEventId: string | null,
  enough: (event: ServerEvent) => boolean = () => false,
  more: Record<string, string> = {},
): Promise<ServerEvent[]> {
  const reader = new AbortController();
  const headers = { ...more, ...(lastEventId !== null && { 'last-event-id': lastEventId }) };
  const answer = await fetch(url, { headers, signal: reader.signal });
  const type = answer.headers.get('content-type') ?? '';
  if (answer.status !== 200 || !answer.body || !type.startsWith('text/event-stream')) {
    throw new Error(`${url} answered ${answer.status} ${type}`);
  }
  const events: ServerEvent[] = [];
  let text = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks.filter((one) => !one.startsWith(':'))) {
      const event = eventOf(block);
      events.push(event);
      if (!enough(event)) continue;
      reader.abort();
      return events;
    }
  }
  if (text !== '') throw new Error(`the stream ended inside an event: ${text}`);
  return events;
}

function eventOf(block: string): ServerEvent {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name, value] = /^(event|id|data): ([^\r\n]+)$/.exec(line) ?? [];
    if (!name || value === undefined || fields.has(name)) throw new Error(`not a field: ${line}`);
    fields.set(name, value);
  }
  return {
    event: fields.get('event') ?? 'message',
    id: fields.get('id') ?? null,
    data: JSON.parse(fields.get('data') ?? 'null') as Record<string, unknown>,
  };
}
