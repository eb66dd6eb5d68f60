import { ansiColours, logGround } from './ansi.ts';

/**
 * Every page: its colours, light and dark, and what all pages are made of. Texts have a contrast of
 * 4.5 to whatever they may lie on.
 */
export const base = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #0d1117); --raised: light-dark(#f6f8fa, #161b22); --log: light-dark(${logGround});
  --line: light-dark(#d8dee4, #2a313a); --edge: light-dark(#8c959f, #6e7681);
  --text: light-dark(${ansiColours.text}); --muted: light-dark(#59636e, #9198a1); --link: light-dark(#0860ca, #58a6ff);
  --good: light-dark(#116329, #4ac26b); --bad: light-dark(#b3121f, #ff8182); --busy: light-dark(#7d4e00, #d4a72c);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
}
*, ::before, ::after { box-sizing: border-box; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
body { margin: 0; font-size: .875rem; overflow-wrap: anywhere; }
main { max-width: 78rem; margin: 0 auto; padding: 1.25rem 1.5rem 3rem; }
h1 { margin: 0 0 .375rem; font-size: 1.5rem; line-height: 1.25; font-weight: 600; text-wrap: balance; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1rem; font-weight: 600; }
h3 { font-size: .9375rem; }
p { margin: .5rem 0; }
a { color: var(--link); text-underline-offset: .15em; }
a:not(p a, li a, dd a), .trail a { text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre { font: .8125rem/1.5 var(--mono); }
pre { margin: .5rem 0; padding: .75rem 1rem; background: var(--raised); border: 1px solid var(--line); border-radius: .375rem; overflow-x: auto; white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1rem; margin: .5rem 0; }
dt { color: var(--muted); }
dd { margin: 0; }
summary { cursor: pointer; }
small { font-size: .8125rem; }
time, td { font-variant-numeric: tabular-nums; }
.muted { color: var(--muted); }
.out-of-sight { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.nothing { padding: 1.5rem; border: 1px dashed var(--line); border-radius: .375rem; text-align: center; color: var(--muted); }
[role=alert]:not([hidden]) { padding: .5rem .75rem; border-left: .25rem solid var(--busy); background: var(--raised); }
@media (max-width: 40rem) {
  main { padding: 1rem 1rem 2rem; }
  h1 { font-size: 1.25rem; }
}
`;
