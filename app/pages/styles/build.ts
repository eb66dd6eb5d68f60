import { ansiColours, logGround } from './ansi.ts';

const muted = `light-dark(${ansiColours['bright-black']})`;

/** The page of a build: what became of it, its steps, its log. */
export const build = `
.verdict { font-size: 1.125rem; }
.copy { display: none; }
.may-copy .copy { display: inline-block; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
.muted { color: ${muted}; }
.excerpt, #log { background: light-dark(${logGround}); color: light-dark(${ansiColours.text}); border-radius: .375rem; }
.excerpt { padding: .5rem 0; overflow-x: auto; white-space: pre-wrap; }
.excerpt div { padding: 0 1rem 0 4.5rem; text-indent: -3.75rem; }
.excerpt .number { display: inline-block; width: 3rem; margin-right: .75rem; text-indent: 0; text-align: right; color: ${muted}; user-select: none; }
.excerpt div:has(mark) { background: light-dark(#ffebe9, #3c1618); box-shadow: inset .25rem 0 light-dark(#b3121f, #ff8182); }
.excerpt mark { background: none; color: inherit; }
.excerpt.plain div { padding-left: 1rem; text-indent: 0; }
.steps td:nth-child(2) { width: 50%; vertical-align: middle; }
.steps svg { display: block; width: 100%; height: .625rem; }
.steps rect { fill: light-dark(#57606a, #8b949e); }
.steps .failed rect { fill: currentColor; }
.steps .going rect { fill: light-dark(#7d4e00, #d4a72c); }
.tools { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; padding: .5rem 0; background: Canvas; }
.tools h2 { margin: 0 auto 0 0; font-size: 1.125rem; }
.tools form { display: flex; gap: .25rem; align-items: center; margin: 0; }
.tools [hidden] { display: none; }
.tools input { width: 12rem; }
#log { padding: .5rem 0; font: .8125rem/1.5 ui-monospace, monospace; }
#log summary { padding: .125rem 1rem; cursor: pointer; font: 600 .875rem/1.75 system-ui, sans-serif; }
#log details { scroll-margin-top: 4rem; }
.chunk.full { content-visibility: auto; contain-intrinsic-size: auto 200lh; }
.line { position: relative; padding: 0 1rem 0 5.25rem; white-space: pre-wrap; min-height: 1lh; scroll-margin: 5rem 0; }
.line > a { position: absolute; left: 0; width: 4.25rem; text-align: right; color: ${muted}; text-decoration: none; user-select: none; }
.line > a::before { content: attr(data-n); }
.line > a:hover { text-decoration: underline; }
.line.heading { font-weight: 600; }
.line.error { font-weight: 600; color: light-dark(${ansiColours.red}); }
.line.gap { font-style: italic; color: ${muted}; }
.line:target, .line.chosen { background: light-dark(#fff3bf, #3a2d00); }
.line.hit { background: light-dark(#ddf4ff, #12304f); outline: 1px solid light-dark(#0550ae, #58a6ff); outline-offset: -1px; }
::highlight(found) { background: light-dark(#9a6700, #e3b341); color: light-dark(#fff, #000); }
@media (max-width: 40rem) {
  .line { padding: 0 .5rem 0 3.25rem; }
  .line > a { width: 2.75rem; }
  .excerpt div { padding-left: 3.5rem; text-indent: -3rem; }
  .excerpt .number { width: 2.25rem; }
  .tools input { width: 8rem; }
  .steps :is(th, td):nth-child(2) { display: none; }
}
`;
