/** The page that describes the API. */
export const api = `
.api section { border-top: 1px solid #8884; margin-top: 1.5rem; }
.api nav ul { padding-left: 1.25rem; }
.api h3 { margin-bottom: .25rem; }
.api h4 { margin: 1rem 0 .25rem; }
.api dl { grid-template-columns: minmax(8rem, max-content) 1fr; margin: 0; }
.api .route { font-weight: 600; }
.api small { color: light-dark(#59636e, #9198a1); }
.api :target { background: #7d4e0033; }
@media (max-width: 40rem) { .api dl { grid-template-columns: 1fr; } }
`;
