/** Where this machine keeps what it has fetched, and how it keeps two processes apart. */
export type Mirrors = {
  folder: string;
  /** The most that all mirrors may take together, in bytes; one in use is never removed for it. */
  limit: number;
  /** Runs work that only one process of this machine may do at a time. */
  lock: <T>(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ) => Promise<T>;
};
