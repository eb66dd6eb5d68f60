/**
 * Tables, those too that show each row as running text on a phone. Any text may be broken anywhere, so
 * that none is wider than the page; the least widths keep short words whole.
 */
export const tables = `
table { border-collapse: collapse; width: 100%; }
th, td { padding: .4375rem 1rem .4375rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; }
:is(th, td):last-child { padding-right: 0; }
thead th { padding-block: .25rem; font-size: .8125rem; font-weight: 500; color: var(--muted); white-space: nowrap; }
tbody tr:hover { background: var(--raised); }
.ref { box-decoration-break: clone; padding: .125rem .375rem; border-radius: .25rem; background: light-dark(#eaf2fb, #17253a); color: light-dark(#0a4f9e, #79b8ff); font: .75rem/1.25rem var(--mono); }
td a + .ref { display: block; width: fit-content; margin-top: .125rem; }
td .sha { color: var(--muted); }
td a > code { white-space: nowrap; }
progress, meter { width: 8rem; max-width: 100%; vertical-align: middle; accent-color: light-dark(#0969da, #4493f8); }
progress { display: block; height: .5rem; margin: .375rem 0 .125rem; }
:is([data-label=Took], [data-label=Waited], [data-label=For], [data-label=Size], [data-label=When], [data-label=Builds], [data-label=Tag], [data-label=Digest]) > div { white-space: nowrap; }
:is([data-label=Repository], [data-label=Build]) > div { min-width: 8rem; }
:is([data-label=Rule], [data-label=Step], [data-label=Author]) > div { min-width: 2.75rem; }
:is([data-label=Ref], [data-label=Worker]) > div { min-width: 4.5rem; }
@media (max-width: 40rem) {
  .stacks, .stacks tbody, .stacks td { display: block; }
  .stacks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacks tr { display: flex; flex-wrap: wrap; gap: .125rem .625rem; align-items: baseline; padding: .625rem 0; border-bottom: 1px solid var(--line); }
  .stacks td { border: 0; padding: 0; max-width: 100%; }
  .stacks td > div { display: inline; }
  .stacks td:is([data-label=Commit], [data-label=Pull], [data-label=Progress], [data-label=Disks]) { flex-basis: 100%; }
  .stacks td:is([data-label=Took], [data-label=Waited], [data-label=For])::before { content: attr(data-label) " "; color: var(--muted); }
}
`;
