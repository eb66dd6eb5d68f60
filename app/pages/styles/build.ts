import { ansiColours } from './ansi.ts';

/** The page of a build: what became of it, its steps, its log. */
export const build = `
.verdict { display: flex; gap: .625rem; align-items: baseline; margin: 0 0 1rem; font-size: 1rem; }
.verdict .state { flex: none; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
.failure h2 { margin-top: 1rem; }
.overview { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 0 3rem; align-items: start; }
.overview h2 { margin-top: .5rem; }
.excerpt, #log { background: var(--log); color: var(--text); border: 1px solid var(--line); border-radius: .375rem; }
.excerpt { padding: .5rem 0; overflow-x: auto; white-space: pre-wrap; }
.excerpt div { padding: 0 1rem 0 4.5rem; text-indent: -3.75rem; }
.excerpt .number { display: inline-block; width: 3rem; margin-right: .75rem; text-indent: 0; text-align: right; color: var(--muted); user-select: none; }
.excerpt div:has(mark) { background: light-dark(#ffebe9, #3c1618); box-shadow: inset .25rem 0 var(--bad); }
.excerpt div:has(mark) .number { color: inherit; }
.excerpt mark { background: none; color: inherit; }
.excerpt.plain div { padding-left: 1rem; text-indent: 0; }
.steps th[scope=row] { width: 1%; font-weight: 500; white-space: nowrap; }
.steps td:nth-child(2) { width: 50%; vertical-align: middle; }
.steps td { white-space: nowrap; }
.steps svg { display: block; width: 100%; height: .5rem; }
.steps rect { fill: light-dark(#57606a, #8b949e); }
.steps .failed rect { fill: currentColor; }
.steps .going rect { fill: var(--busy); }
#slow { margin: .75rem 0; }
.tools { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; margin-top: 1.25rem; padding: .5rem 0; background: var(--ground); }
.tools h2 { margin: 0; }
.tools [href="#top"] { margin-right: auto; }
.tools [aria-pressed=true]::before { content: "✓ " / ""; }
.tools form { display: flex; gap: .5rem; align-items: center; margin: 0; }
.tools [hidden] { display: none; }
.tools input { width: 14rem; }
#log { padding: .375rem 0; font: .8125rem/1.5 var(--mono); }
#log:empty::before { content: "Nothing is printed yet."; padding: 0 1rem; color: var(--muted); }
#log:empty[data-has-ended=yes]::before { content: "Nothing was printed."; }
.nothing + #log:empty { display: none; }
#log summary { padding: .125rem 1rem; font: 600 .875rem/1.75 system-ui, sans-serif; }
#log summary:hover { background: light-dark(#eaeef2, #161b22); }
#log details { scroll-margin-top: 4rem; }
#failure { scroll-margin: 50vh 0 5rem; }
.chunk.full { content-visibility: auto; contain-intrinsic-size: auto 200lh; }
.line { position: relative; padding: 0 1rem 0 5.25rem; white-space: pre-wrap; min-height: 1lh; scroll-margin: 5rem 0; }
.line > a { position: absolute; left: 0; width: 4.25rem; text-align: right; color: var(--muted); text-decoration: none; user-select: none; }
.line > a::before { content: attr(data-n); }
.line > a:hover { text-decoration: underline; }
.line.heading { font-weight: 600; }
.line.error { font-weight: 600; color: light-dark(${ansiColours.red}); }
.line.gap { font-style: italic; color: var(--muted); }
.line:target, .line.chosen { background: light-dark(#fff3bf, #3a2d00); }
.line.hit { background: light-dark(#ddf4ff, #12304f); outline: 1px solid light-dark(#0550ae, #58a6ff); outline-offset: -1px; }
::highlight(found) { background: light-dark(#9a6700, #e3b341); color: light-dark(#fff, #000); }
@media (max-width: 40rem) {
  .line { padding: 0 .5rem 0 3.25rem; }
  .line > a { width: 2.75rem; }
  .excerpt div { padding-left: 3.5rem; text-indent: -3rem; }
  .excerpt .number { width: 2.25rem; }
  .tools label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .tools input { width: 8rem; }
  .steps :is(th, td):nth-child(2) { display: none; }
  .steps td { white-space: normal; }
  .verdict { flex-wrap: wrap; }
}
`;
