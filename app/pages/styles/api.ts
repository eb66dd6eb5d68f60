/** The page that describes the API. */
export const api = `
.api section { border-top: 1px solid var(--line); margin-top: 1.5rem; }
.api nav { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 0 2.5rem; }
.api nav ul { list-style: none; margin: 0; padding: 0; }
.api nav li { padding: .25rem 0; border-top: 1px solid var(--line); }
.api nav code { display: block; color: var(--muted); }
.api > h2 { margin-top: 2.5rem; font-size: 1.25rem; }
.api h3 { margin: 1.25rem 0 .25rem; font-size: 1rem; }
.api h4 { margin: 1rem 0 .25rem; font-size: .8125rem; }
.api dl { grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); margin: 0; }
.api dt { color: var(--text); }
.api .route { font-weight: 600; }
.api small { color: var(--muted); }
.api :target { background: light-dark(#fff3bf, #3a2d00); }
@media (max-width: 40rem) {
  .api dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .api dd { margin-bottom: .5rem; }
}
`;
