import { mirrorCommit } from '../../../worker/git/mirror.ts';
import { mirrorsIn } from './mirrors-in.ts';

/** A worker's fetch in a process of its own, for a test to kill: folder, repository, URL, commit. */
const [folder = '', id = '', url = '', sha = ''] = process.argv.slice(2);
const local = { url, token: null, home: folder, path: process.env.PATH ?? '' };
const access = { local, granted: async () => local };
await mirrorCommit(mirrorsIn(folder), access, Number(id), sha, new AbortController().signal);
