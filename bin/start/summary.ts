import type { Services } from './services.ts';

/** What `npm start` has to tell at the end of its start. */
export type Summary = { env: NodeJS.ProcessEnv; local: boolean; services: Services };

/** What runs where, what to do next, and how to stop. */
export const summary = ({ env, local, services }: Summary): string => {
  const here = `http://localhost:${env.PORT}`;
  // The local remote and the pages beside it answer to this machine only.
  const url = local ? here : env.PUBLIC_URL || here;
  const lines = [
    '',
    `Slipway runs. Its pages: ${url}`,
    '',
    ...services.lines.map((line) => `  ${line}`),
    ...services.notes.map((note) => `  ! ${note}`),
    '',
    ...(local ? tryIt(url, services) : ['Pushes to the repositories of the GitHub App are built.']),
    '',
    'Ctrl-C stops it, and of the above what it started.',
    '',
  ];
  return lines.join('\n');
};

const tryIt = (url: string, { env }: Services): string[] => [
  'Push a repository that has a Dockerfile, from its folder, under any name:',
  '',
  `  git push ${url}/git/<owner>/<repo>.git HEAD:main`,
  '',
  'None at hand? This makes one, and needs no other image:',
  '',
  '  git init -q hello && cd hello',
  "  printf 'FROM scratch\\nCOPY Dockerfile /\\n' > Dockerfile && git add .",
  '  git -c user.name=me -c user.email=me@localhost commit -qm Hello',
  `  git push ${url}/git/me/hello.git HEAD:main`,
  '',
  `It becomes the image ${env.REGISTRY}/me/hello:main on this machine.`,
  'The remote is for this machine only. For GitHub, open this page on this machine; it registers a',
  'GitHub App:',
  '',
  `  ${url}/setup`,
];
