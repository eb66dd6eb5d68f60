/** The top of every page: the way home, and who is signed in. */
export const header = `
header, header form { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
header { justify-content: space-between; }
header form { font-weight: 400; }
`;
