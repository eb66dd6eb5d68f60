import { type Finding, good, wrong } from '../../queue/finding.ts';

/** GitHub takes no token from more than a minute ahead; half of it is for the answer's way. */
const tolerated = 30_000;

/**
 * Whether this machine's clock is right, by the Date header of an answer of GitHub's; `now` is in
 * milliseconds. Nothing where the header is missing.
 */
export function lookAtClock(date: string | undefined, now: number): Finding[] {
  const ahead = now - Date.parse(date ?? '');
  if (Number.isNaN(ahead)) return [];
  if (Math.abs(ahead) <= tolerated) return [good('Clock', 'This machine’s clock is GitHub’s.')];
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  const says = `This machine’s clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} GitHub’s.`;
  return [
    wrong('Clock', says, 'Set it, e.g. by timedatectl set-ntp true; GitHub refuses our tokens.'),
  ];
}
