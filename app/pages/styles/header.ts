/** The top of every page: where one is, what else there is, and who is signed in. */
export const header = `
header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; min-height: 3rem; padding: .375rem max(1.5rem, (100% - 75rem) / 2); border-bottom: 1px solid var(--line); background: var(--raised); }
.trail { margin-right: auto; }
.trail ol { display: flex; flex-wrap: wrap; margin: 0; padding: 0; list-style: none; }
.trail li + li::before { content: "/"; margin: 0 .5rem; color: var(--muted); }
.trail a, .trail [aria-current] { color: var(--text); }
.trail li:first-child a::before { content: ""; display: inline-block; width: 1.25rem; height: 1.25rem; margin-right: .5rem; vertical-align: -.25rem; background: url(icon.svg) center / contain no-repeat; }
.trail li:first-child a { font-weight: 600; }
header form { display: flex; align-items: center; gap: .75rem; }
header button { min-height: 1.75rem; padding: 0 .625rem; }
@media (max-width: 40rem) { header { padding-inline: 1rem; } }
`;
