/** Tells when somebody wants the service to stop. */
export type StopRequest = {
  asked: Promise<void>;
  /** Aborts at the same moment. */
  signal: AbortSignal;
};

// npm passes a Ctrl-C on that the terminal sent to us already: the same one twice.
const sameKeyPress = 1000;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. The first asks for a stop in good order; one that comes
 * later than a second after it ends this process at once, and with it, by the kernel, its children.
 */
export const whenAskedToStop = (): StopRequest => {
  const controller = new AbortController();
  const { promise, resolve } = withResolver();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (first && Date.now() - first > sameKeyPress) process.exit(130);
      if (first) return;
      first = Date.now();
      controller.abort();
      resolve();
    });
  }
  return { asked: promise, signal: controller.signal };
};

const withResolver = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};
