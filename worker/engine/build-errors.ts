/** What is known about the instruction that failed; every part may be missing. */
export type FailedInstruction = {
  /** The instruction as BuildKit names it, e.g. `RUN npm ci`; null when no single one failed. */
  failedStep: string | null;
  /** What the command returned; null when the failure was not a command's. */
  exitCode: number | null;
  /** The 1-based first and last line of the instruction in the Dockerfile. */
  line: number | null;
  endLine: number | null;
  /** The last lines the failed instruction printed, at most 20. */
  lastLines: string[];
};

/**
 * The repository's fault: the Dockerfile, what it runs or what it asks for. Building the same
 * commit again ends the same way. `message` is a sentence for the person who pushed.
 */
export class BuildFailed extends Error implements FailedInstruction {
  override name = 'BuildFailed';
  readonly failedStep: string | null;
  readonly exitCode: number | null;
  readonly line: number | null;
  readonly endLine: number | null;
  readonly lastLines: string[];

  constructor(message: string, known: Partial<FailedInstruction> = {}, options?: ErrorOptions) {
    super(message, options);
    this.failedStep = known.failedStep ?? null;
    this.exitCode = known.exitCode ?? null;
    this.line = known.line ?? null;
    this.endLine = known.endLine ?? null;
    this.lastLines = known.lastLines ?? [];
  }
}

/**
 * Not the repository's fault: the engine, its disk, its network or a base image's registry. The
 * same build may well succeed later. `cause` holds what was thrown, where something was.
 */
export class EngineFailed extends Error {
  override name = 'EngineFailed';
}
