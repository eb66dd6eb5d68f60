/** One page of a list as Octokit hands it over. */
type Page<T> = { data: T[]; headers: { link?: string | undefined; date?: string | undefined } };

/** Options of a request that is not tried again by itself, so that what is counted is what is made. */
export const once = { request: { retries: 0 } };

/** The pages of a list, one after the other; `spend` is called before each is asked for. */
export async function* pagesOf<T>(
  pages: AsyncIterable<Page<T>>,
  spend: () => Promise<void>,
): AsyncGenerator<Page<T>> {
  const iterator = pages[Symbol.asyncIterator]();
  for (;;) {
    await spend();
    const { value, done } = await iterator.next();
    if (done) return;
    yield value;
    if (!/rel="next"/.test(value.headers.link ?? '')) return;
  }
}

/** A whole list. */
export async function allOf<T>(
  pages: AsyncIterable<Page<T>>,
  spend: () => Promise<void>,
): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pagesOf(pages, spend)) all.push(...page.data);
  return all;
}
