import { signs } from '../icon.ts';

/** What a state looks like: a colour, and the sign that the browser's tab has too. */
export const states = `
.succeeded { color: var(--good); }
.failed, .errored { color: var(--bad); }
.running, .warning { color: var(--busy); }
.queued, .cancelled { color: var(--muted); }
.state { display: inline-block; padding: 0 .5rem 0 1.5rem; border-radius: 1rem; background: color-mix(in srgb, currentColor 10%, transparent) .25rem center / .875rem no-repeat; font-size: .8125rem; font-weight: 600; line-height: 1.375rem; white-space: nowrap; }
a.state:hover { background-color: color-mix(in srgb, currentColor 18%, transparent); }
${Object.keys(signs)
  .map((name) => `.state.${name} { background-image: url(icon-${name}.svg); }`)
  .join('\n')}
`;
