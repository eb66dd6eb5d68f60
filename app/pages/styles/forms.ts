/** Fields and buttons, and the small buttons that copy, which only a script can make work. */
export const forms = `
button, input, select { font: inherit; max-width: 100%; min-height: 2rem; padding: .25rem .75rem; border: 1px solid var(--edge); border-radius: .375rem; background: var(--ground); color: var(--text); }
button { background: var(--raised); font-weight: 500; cursor: pointer; }
button:hover { border-color: var(--text); }
button[aria-pressed=true] { background: color-mix(in srgb, var(--link) 15%, var(--ground)); border-color: var(--link); }
input, select { padding-inline: .5rem; }
::placeholder { color: var(--muted); opacity: 1; }
label { display: inline-flex; flex-direction: column; gap: .125rem; font-size: .8125rem; color: var(--muted); }
label :is(input, select) { font-size: .875rem; }
.fields { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; }
@media (max-width: 40rem) { .fields label { flex: 1 1 auto; } }
.fields > a { line-height: 2rem; }
.copyable { display: flex; gap: .5rem; align-items: baseline; }
dd .copyable { display: inline-flex; }
.copy { display: none; flex: none; }
.scripted .copy { display: inline-block; min-height: 0; padding: 0 .375rem; font-size: .75rem; line-height: 1.25rem; }
`;
