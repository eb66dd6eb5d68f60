import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Build, BuildState } from '../../queue/build.ts';
import { changeBuild, createBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { saveRepository } from '../../queue/repositories.ts';
import { newBuild } from '../queue/new-build.ts';

/** Opens an address as whoever has the token, or as a stranger; gathers what goes wrong in it. */
export async function openAs(
  browser: Browser,
  url: string,
  token: string | null,
  options: BrowserContextOptions = {},
) {
  const headers = token ? { extraHTTPHeaders: { authorization: `Bearer ${token}` } } : {};
  const context = await browser.newContext({ ...headers, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  const answer = await page.goto(url);
  return { page, context, problems, status: answer?.status() };
}

/** The texts of a table's rows: cells joined by ` | `, white space made one. */
export const rowsOf = (page: Page, caption: string): Promise<string[]> =>
  page
    .getByRole('table', { name: caption, exact: true })
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...(row as HTMLTableRowElement).cells]
          .map((cell) => (cell.textContent ?? '').replace(/\s+/g, ' ').trim())
          .join(' | '),
      ),
    );

/** A build as it is put on record: for how long it waited, took and has been over, in milliseconds. */
export type Recorded = Partial<Pick<Build, 'name' | 'ref' | 'message' | 'author' | 'sha'>> & {
  state: BuildState;
  waited: number;
  took: number;
  ago?: number;
};

/** Puts ended builds of a public repository on record, oldest first, of which no worker knows. */
export async function recordBuilds(
  redis: Redis,
  fullName: string,
  builds: Recorded[],
  id = 77,
): Promise<void> {
  const store = { redis, keys: keysUnder('slipway') };
  const repository = { ...newBuild().repository, id, fullName };
  await saveRepository(store, repository);
  for (const { state, waited, took, ago = 0, ...more } of builds) {
    const build = { ...newBuild(), id: `b${randomUUID()}`, repo: fullName, repository, ...more };
    await createBuild(store, build);
    const queuedAt = Date.now() - ago - waited - took;
    const [started, finished] = [queuedAt + waited, queuedAt + waited + took];
    await changeBuild(store, build.id, { to: 'running', countUp: ['attempt', 'fence'] });
    await changeBuild(store, build.id, {
      to: state,
      set: {
        createdAt: new Date(queuedAt).toISOString(),
        queuedAt: new Date(queuedAt).toISOString(),
        startedAt: new Date(started).toISOString(),
        finishedAt: new Date(finished).toISOString(),
      },
    });
  }
}
