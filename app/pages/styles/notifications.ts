/** The page of a repository's notifications. */
export const notifications = `
.notifications { list-style: none; padding: 0; }
.notifications > li { border-top: 1px solid #8884; padding: .75rem 0; }
.notifications h2 { font-size: 1rem; margin: 0; }
.notifications p { margin: .15rem 0; }
.notifications form { margin-top: .5rem; }
`;
