/** The page that says whether all is well. */
export const checks = `
.checks { gap: .5rem 1rem; }
.checks dt { font-weight: 600; }
`;
