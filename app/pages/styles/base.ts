/** Every page: system fonts and colours, light and dark, tables, states, forms. */
export const base = `
:root { font: 16px/1.5 system-ui, sans-serif; color-scheme: light dark; background: Canvas; color: CanvasText; }
:focus-visible { outline: 2px solid; outline-offset: 2px; }
body { margin: 0 auto; max-width: 75rem; padding: 0 1rem 2rem; overflow-wrap: anywhere; }
header { padding: 1rem 0; font-weight: 600; }
table { border-collapse: collapse; width: 100%; }
th { white-space: nowrap; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
code, pre { font: .875rem/1.45 ui-monospace, monospace; }
pre { background: #8881; padding: 1rem; overflow-x: auto; white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dd { margin: 0; }
.state { font-weight: 600; white-space: nowrap; }
.succeeded { color: light-dark(#116329, #4ac26b); }
.failed, .errored { color: light-dark(#b3121f, #ff8182); }
.cancelled { color: light-dark(#59636e, #9198a1); }
.queued, .running { color: light-dark(#7d4e00, #d4a72c); }
input, button { font: inherit; padding: .25rem .5rem; max-width: 100%; }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
`;
