import { createHash } from 'node:crypto';
import type { Recorded } from './page-scene.ts';

/** A Dockerfile with two stages, the first of which ends with a test. */
export const shopDockerfile = `FROM slipway-test/base:1 AS build
WORKDIR /app
COPY package.json .
RUN for i in 1 2 3 4 5 6; do echo "added package $i of 6"; done
COPY src src
RUN sh src/test.sh

FROM slipway-test/base:1
COPY --from=build /app /app
CMD ["node", "src/cart.js"]
`;

/** A test run as people know it, which ends badly. */
export const failing = `printf '\\033[32m✓\\033[0m adds an item\\n\\033[32m✓\\033[0m removes an item\\n'
printf '\\033[31m✗ keeps the total\\033[0m\\n'
printf '  expected \\033[32m42.00\\033[0m, got \\033[31m41.99\\033[0m\\n'
exit 1
`;

/** Ten minutes of lines, one each second. */
export const counting =
  'for i in $(seq 1 600); do echo "requests from country $i: $((i * 37))"; sleep 1; done';

/** A rules file with two mistakes. */
export const mistakes = `images:
  - name: web
    contxt: web
    tags: 5
`;

const endings: Record<number, Recorded['state']> = {
  9: 'failed',
  21: 'cancelled',
  30: 'errored',
  38: 'failed',
};

const messages = [
  'Search in the names of brands too',
  'Keep the cart for a week',
  'Let customers choose the day',
  'Round what is owed, not what is due',
  'Load pictures when they come near',
];

/** A month of builds: most of them well, and one of each kind that was not. */
export const history: Recorded[] = Array.from({ length: 44 }, (_, at) => ({
  ...{ waited: 400 * (at % 5), took: 14_000 + 3_000 * Math.abs(Math.sin(at)) + 150 * at },
  state: endings[at] ?? 'succeeded',
  ago: (44 - at) * 16_000_000,
  ...{ name: 'web', author: at % 3 ? 'Ada Byron' : 'Grace Hopper' },
  ref: at % 6 ? 'refs/heads/main' : 'refs/heads/faster-search',
  sha: createHash('sha1').update(`${at}`).digest('hex'),
  message: messages[at % messages.length],
}));

const attack = '<script>alert(1)</script><img src=x onerror=alert(2)>';

/** A name as long as GitHub lets a repository's be. */
export const longName = 'a-name-that-is-as-long-as-github-lets-it-be-'.padEnd(100, 'x');

/** A build of which every text was written to do harm. */
export const hostile: Recorded[] = [
  {
    ...{ state: 'failed', waited: 1_000, took: 4_000, name: 'x'.repeat(60), author: attack },
    ref: `refs/heads/${'b'.repeat(180)}${attack.replace(/\s/g, '-')}`,
    message: `${attack} \u202e${'m'.repeat(300)}`,
  },
];

/** A build that ended by no fault of its own. */
export const errored: Recorded = {
  ...{ state: 'errored', waited: 2_000, took: 61_000, name: 'image', author: 'Ada Byron' },
  message: 'Print invoices on both sides',
};

const esc = '\u001b';

/** Lines with every colour, and with what a terminal would obey. */
export const hostileLines = [
  attack,
  `${esc}[1;31mred ${esc}[48;5;21mground${esc}[0m plain ${esc}]52;c;aGk=\u0007`,
  ...Object.keys([...Array(16)]).map(
    (n) => `${esc}[38;5;${n}mcolour ${n}${esc}[0m ${esc}[48;5;${n}mground ${n}${esc}[0m`,
  ),
  'x'.repeat(3_000),
];
