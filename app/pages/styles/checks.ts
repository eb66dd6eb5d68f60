/** The page that says whether all is well. */
export const checks = `
.checks { grid-template-columns: max-content max-content minmax(0, 1fr); gap: 0; border-top: 1px solid var(--line); }
.checks > div { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: baseline; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.checks dt { display: contents; color: var(--text); font-weight: 600; }
.checks dt > span { justify-self: start; margin-right: 1rem; }
@media (max-width: 40rem) {
  .checks > div { display: flex; flex-wrap: wrap; gap: .25rem 0; }
  .checks dd { flex-basis: 100%; }
}
`;
