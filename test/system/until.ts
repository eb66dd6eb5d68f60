import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `look` answers something true, and answers that; throws after `patience` ms. */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  patience = 30_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + patience;
  for (;;) {
    let found: T | undefined;
    let problem: unknown;
    try {
      found = await look();
    } catch (error) {
      problem = error;
    }
    if (found) return found as NonNullable<T>;
    if (Date.now() > end) throw new Error(`Not within ${patience} ms: ${what}`, { cause: problem });
    await sleep(50);
  }
}
