import type { LogReader } from './log-reader.ts';

/** Before it is tried again, in milliseconds. */
const pause = 3_000;

/**
 * Reads what there is of a long log, in pieces between which the page gets its turn; an event for
 * each line would take many times as long. After a loss of connection it goes on where it was.
 */
export async function loadLines(id: string, reader: LogReader): Promise<void> {
  for (;;) {
    const isRead = await read(id, reader).catch(() => false);
    if (isRead) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function read(id: string, reader: LogReader): Promise<boolean> {
  const answer = await fetch(`/builds/${id}/lines?after=${reader.seen()}`);
  if (!answer.ok || !answer.body) return false;
  const texts = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await texts.read();
    if (done) return rest === '';
    const pieces = (rest + value).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) take(JSON.parse(piece), reader);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function take(
  event: { lines?: Parameters<LogReader['line']>[0][]; gap?: Parameters<LogReader['gap']>[0] },
  reader: LogReader,
): void {
  for (const line of event.lines ?? []) reader.line(line);
  if (event.gap) reader.gap(event.gap);
}
