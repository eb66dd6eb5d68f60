import type { BuildRecord } from './follow-build.ts';
import type { LogView } from './log-view.ts';
import { visibleText } from './visible-text.ts';

/** So much of an instruction is shown beside the log, in characters. */
const longest = 80;

/**
 * Says beside the log what a running build does and for how long by now; at its end, to whoever reads
 * further up, where that is. No voice tells the seconds, but the end.
 */
export function showDoing(view: LogView): {
  onRecord: (record: BuildRecord) => void;
  onEnd: (record: BuildRecord) => void;
} {
  const doing = document.querySelector<HTMLElement>('#doing')!;
  const ended = document.querySelector<HTMLElement>('#ended')!;
  let record: BuildRecord | null = null;
  let instruction = headingOf(view.rows.findLast(({ data }) => headingOf(data.text))?.data.text);

  const tick = (): void => {
    const { state, step, startedAt } = record ?? {};
    if (state !== 'running' || !startedAt) doing.textContent = '';
    else
      doing.textContent = `${step ?? 'beginning'}, ${since(startedAt)}${instruction && `: ${instruction}`}`;
  };
  const timer = setInterval(tick, 1_000);
  view.onAppend(() => {
    instruction = headingOf(view.rows.at(-1)?.data.text) || instruction;
  });
  return {
    onRecord(fresh) {
      if (record && fresh.step !== record.step) instruction = '';
      record = fresh;
      tick();
    },
    onEnd({ state }) {
      clearInterval(timer);
      doing.textContent = '';
      if (document.querySelector('#log-end')!.getBoundingClientRect().top <= innerHeight) return;
      const link = document.createElement('a');
      link.href = '#log-end';
      link.textContent = 'to the end of the log';
      ended.replaceChildren(`It has ended: ${state}; `, link);
    },
  };
}

/** The instruction of a line with which BuildKit begins one, `#7 [2/5] RUN make`; '' for any other. */
const headingOf = (text = ''): string => {
  const found = /^#\d+ (\[.+)/.exec(text)?.[1];
  return found ? visibleText(found.slice(0, longest)) : '';
};

function since(startedAt: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(startedAt)) / 1_000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}
