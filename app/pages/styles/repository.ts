/** The page of a repository: its top and its chart, of which a phone shows the newest bars only. */
export const repository = `
.top { display: flex; flex-wrap: wrap; gap: .75rem 2rem; align-items: end; justify-content: space-between; }
.top > div { flex: 1 1 24rem; }
.filter { margin-bottom: .75rem; }
.filter [name=q] { width: 17rem; }
.chart { margin: 1rem 0; }
.chart > div { display: flex; justify-content: end; overflow: hidden; border-bottom: 1px solid var(--line); }
.chart svg { display: block; flex: none; width: max(100%, 36rem); height: auto; }
.chart figcaption { margin-top: .375rem; font-size: .8125rem; color: var(--muted); }
.chart .hit { fill: transparent; }
.chart a:hover .hit { fill: #8883; }
.chart .wait { fill: light-dark(#a8b1bb, #484f58); color: light-dark(#818b98, #6e7781); }
.chart .succeeded { color: light-dark(#2da44e, #2ea043); }
.chart .work, .chart .filled { fill: currentColor; }
.chart .mark { stroke: currentColor; }
.chart .cut { fill: var(--ground); }
`;
