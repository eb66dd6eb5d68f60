import type { BuildState } from '../../queue/build.ts';

/** The sign in the browser's tab: a ship on its slipway. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<path fill="#2f81f7" d="M7 1h2v4h4l-2 5H5L3 5h4z"/><path fill="#8b949e" d="m1 15 14-4v4z"/>
</svg>
`;

/** A disc of one colour with a white sign on it: who cannot tell the colours tells the signs. */
const sign = (colour: string, path: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="${colour}"/>
<path d="${path}" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>
`;

/** The signs of builds' states, and of what may do harm some day. */
export const signs: Record<BuildState | 'warning', string> = {
  queued: sign('#6e7781', 'M8 4v4l3 2'),
  running: sign('#9a6700', 'M6 4.5v7L11.5 8z'),
  succeeded: sign('#1a7f37', 'm4.5 8.5 2.5 2.5 4.5-5.5'),
  failed: sign('#cf222e', 'm5 5 6 6m0-6-6 6'),
  errored: sign('#cf222e', 'M8 3.5V9m0 3v.2'),
  cancelled: sign('#6e7781', 'M4.5 8h7'),
  warning: sign('#9a6700', 'M8 3.5V9m0 3v.2'),
};

/** Where the sign of a state is, for the tab of a build's page. */
export const stateIconPath = (state: BuildState): string => `/assets/icon-${state}.svg`;
