/** The page of a repository: its chart and the forms above its builds. */
export const repository = `
select { font: inherit; padding: .25rem .5rem; max-width: 100%; }
.filter { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; }
.filter label { display: flex; flex-direction: column; font-size: .875rem; }
.chart { margin: 1rem 0; }
.chart svg { display: block; width: 100%; height: auto; }
.chart figcaption { font-size: .875rem; }
.chart .hit { fill: transparent; }
.chart a:hover .hit { fill: #8883; }
.chart .wait { fill: light-dark(#818b98, #6e7781); color: light-dark(#818b98, #6e7781); }
.chart .work, .chart .filled { fill: currentColor; }
.chart .mark { stroke: currentColor; }
.chart .cut { fill: Canvas; }
`;
