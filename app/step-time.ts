import { type Build, hasEnded, type Step } from '../queue/build.ts';
import { durationText } from '../queue/text.ts';

/** How long a step took, in words that tell of the one that a build did not get beyond. */
export function stepTime(
  { name, startedAt, finishedAt }: Step,
  { state, step, failure, finishedAt: ended }: Build,
): string {
  // A worker that was lost could not write when its step ended.
  const end = finishedAt ?? ended;
  if (!end) return 'not finished';
  const text = durationText(Math.max(0, Date.parse(end) - Date.parse(startedAt)));
  const isLast = name === (failure?.step ?? step);
  if (!isLast || !hasEnded(state) || state === 'succeeded') return text;
  return `${state === 'cancelled' ? 'stopped' : 'failed'} after ${text}`;
}
