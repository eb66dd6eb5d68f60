/** What a RegistryError tells besides its sentence. */
export type RegistryErrorOptions = ErrorOptions & {
  status?: number;
  retryAfter?: number | null;
  isFinal?: boolean;
};

/**
 * A registry, or its token service, did not do what it was asked. `message` is one sentence with
 * the host and what it said, and no secret.
 */
export class RegistryError extends Error {
  override name = 'RegistryError';
  /** The HTTP status; null when there was no answer or a wrong one. */
  readonly status: number | null;
  /** How long the registry asks to be left alone, in milliseconds, at most five minutes. */
  readonly retryAfter: number | null;
  /** Whether the same request would be refused again: not after 429, 5xx or a lost connection. */
  readonly isFinal: boolean;

  constructor(message: string, options: RegistryErrorOptions = {}) {
    super(message, options);
    const { status = null, retryAfter = null } = options;
    this.status = status;
    this.retryAfter = retryAfter;
    this.isFinal = options.isFinal ?? (status !== null && !isPassing(status));
  }
}

const isPassing = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;
