/** The page of a repository's notifications. */
export const notifications = `
.notifications { list-style: none; margin: 1rem 0; padding: 0; border-top: 1px solid var(--line); }
.notifications > li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; align-items: start; padding: .625rem 0; border-bottom: 1px solid var(--line); }
.notifications h2 { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: center; margin: 0; font-size: .875rem; }
.notifications h2 small { font-weight: 400; color: var(--muted); }
.notifications p { margin: .25rem 0 0; }
.notifications details { margin-top: .25rem; }
@media (max-width: 40rem) { .notifications > li { grid-template-columns: minmax(0, 1fr); gap: .5rem; } }
`;
