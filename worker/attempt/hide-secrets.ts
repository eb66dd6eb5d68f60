import type { Mask } from '../log/mask.ts';
import type { Verdict } from './judge.ts';

/** A verdict as it may go into the record and onto GitHub: a failed command's last lines and all. */
export function hideSecrets(verdict: Verdict, { hide }: Mask): Verdict {
  if ('again' in verdict) return { again: hide(verdict.again) };
  if (!('end' in verdict)) return verdict;
  const { failure } = verdict;
  return {
    ...verdict,
    reason: hide(verdict.reason),
    failure: failure && { ...failure, lastLines: failure.lastLines.map(hide) },
  };
}
