/**
 * Does something again and again, with a pause in milliseconds before each time. A failure is for
 * `onError` to tell, and ends nothing. Returns a function that ends it.
 */
export function again(
  work: () => Promise<void>,
  pause: number,
  onError: (error: Error) => void,
): () => void {
  let hasEnded = false;
  let timer = setTimeout(workAndRest, pause);
  async function workAndRest(): Promise<void> {
    await work().catch(onError);
    if (!hasEnded) timer = setTimeout(workAndRest, pause);
  }
  return () => {
    hasEnded = true;
    clearTimeout(timer);
  };
}
