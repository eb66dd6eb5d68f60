/** What a log lies on, light and dark. */
export const logGround = ['#f6f8fa', '#010409'] as const;

/** The colours of a terminal, light and dark; each has a contrast of 4.5 to {@link logGround}. */
export const ansiColours: Record<string, readonly [light: string, dark: string]> = {
  text: ['#1f2328', '#e6edf3'],
  black: ['#24292f', '#9198a1'],
  red: ['#b3121f', '#ff7b72'],
  green: ['#116329', '#3fb950'],
  yellow: ['#6a4400', '#d29922'],
  blue: ['#0550ae', '#58a6ff'],
  magenta: ['#7a3fd0', '#bc8cff'],
  cyan: ['#136a75', '#39c5cf'],
  white: ['#59636e', '#b1bac4'],
  'bright-black': ['#59636e', '#8b949e'],
  'bright-red': ['#c01c28', '#ffa198'],
  'bright-green': ['#1a7035', '#56d364'],
  'bright-yellow': ['#7d4e00', '#e3b341'],
  'bright-blue': ['#0a60c4', '#79c0ff'],
  'bright-magenta': ['#8250df', '#d2a8ff'],
  'bright-cyan': ['#1b6e75', '#56d4dd'],
  'bright-white': ['#424a53', '#f0f6fc'],
};

const rules = Object.entries(ansiColours).map(
  ([name, [light, dark]]) => `.in-${name} { color: light-dark(${light}, ${dark}); }
.on-${name} { background: light-dark(${light}, ${dark}); color: light-dark(${logGround}); }`,
);

/** What a log's escapes ask for, by the classes of app/browser/styled-text.ts. */
export const ansi = `
.bold { font-weight: 700; }
.dim { color: light-dark(${ansiColours['bright-black']}); }
.italic { font-style: italic; }
.underline { text-decoration: underline; }
.strikethrough { text-decoration: line-through; }
${rules.join('\n')}
`;
