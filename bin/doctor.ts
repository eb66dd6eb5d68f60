import { resolve } from 'node:path';
import { findingText } from './doctor/finding-text.ts';
import { lookAtEverything, roomNames } from './doctor/look-at-everything.ts';
import { keptApp } from './start/kept-app.ts';
import { keptServices } from './start/kept-services.ts';

// `npm run doctor`: looks at all that Slipway needs from this machine and says what is wrong. Exits
// with 1 if something is, with 2 if it does not know what it is asked for. The arguments `web` and
// `worker` look at what one of the two needs, `owner/repo` names the repository whose push is tried.
const args = process.argv.slice(2);
const repository = args.find((arg) => /^[\w.-]+\/[\w.-]+$/.test(arg)) ?? null;
const rooms = roomNames.filter((name) => args.includes(name));
const unknown = args.find((arg) => arg !== repository && !roomNames.some((name) => name === arg));
if (unknown !== undefined) {
  console.error(
    `“${unknown}” is no part of Slipway: name web, worker, or a repository owner/repo.`,
  );
  process.exit(2);
}

const folder = resolve(process.env.DATA_DIR || 'data');
const env: NodeJS.ProcessEnv = {
  ...(await keptServices(folder)),
  ...(await keptApp(process.env, folder)),
  ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
};

const wanted = rooms.length > 0 ? rooms : roomNames;
const findings = await lookAtEverything(env, wanted, repository);
for (const finding of findings) console.log(findingText(finding));
process.exit(findings.some(({ state }) => state === 'wrong') ? 1 : 0);
