/** Pages with lists of builds: tables that become blocks on a phone, progress, what only scripts use. */
export const lists = `
.out-of-sight { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h2 { font-size: 1.125rem; margin: 1.5rem 0 .5rem; }
.ref, .message { color: light-dark(#59636e, #9198a1); }
a + .ref { display: block; }
progress, meter { width: 8rem; max-width: 100%; vertical-align: middle; }
progress { display: block; }
:is([data-label=Took], [data-label=Waited], [data-label=For], [data-label=Size], [data-label=When], [data-label=Builds]) > div { white-space: nowrap; }
.copy { display: none; }
.scripted .copy { display: inline-block; font-size: .8125rem; padding: 0 .4rem; }
@media (max-width: 40rem) {
  .stacks, .stacks tbody, .stacks tr { display: block; }
  .stacks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacks tr { border-bottom: 1px solid #8884; padding: .5rem 0; }
  .stacks td { border: 0; padding: 0; }
  .stacks td, .stacks td > div, .stacks .ref, .stacks progress { display: inline; }
  .stacks td + td::before { content: " · "; }
  .stacks td:is([data-label=Took], [data-label=Waited], [data-label=For])::before { content: " · " attr(data-label) " "; }
}
`;
