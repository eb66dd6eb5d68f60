/** The sign in the browser's tab: a ship on its slipway. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<path fill="#2f81f7" d="M7 1h2v4h4l-2 5H5L3 5h4z"/><path fill="#8b949e" d="m1 15 14-4v4z"/>
</svg>
`;
