import { join } from 'node:path';
import type { BuildState, Failure, Recipe, StepName } from '../../queue/build.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import { PushInterrupted, PushRefused } from '../engine/push-errors.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { Stop } from './stop.ts';

/** What an attempt that did not go well means for the build. */
export type Verdict =
  | {
      end: Exclude<BuildState, 'queued' | 'running' | 'succeeded'>;
      reason: string;
      failure: Failure | null;
    }
  /** Not the repository's fault and perhaps better elsewhere or later. */
  | { again: string }
  /** The Engine is gone: another time, and the attempt does not count. */
  | { uncounted: string }
  /** The worker stops: back into the queue, and the attempt does not count. */
  | { handBack: string }
  /** The build is another attempt's by now: nothing may be written. */
  | { lost: true };

/** Whose fault an error is, and whether another attempt can help. */
export function judge(error: unknown, step: StepName, recipe: Recipe): Verdict {
  if (error instanceof Stop) return stopped(error, step);
  const reason = sentence((error as Error).message);
  if (error instanceof BuildFailed) {
    const { line, endLine, lastLines } = error;
    const path = line === null ? null : join(recipe.context, recipe.dockerfile);
    return { end: 'failed', reason, failure: { step, path, line, endLine, lastLines } };
  }
  if ([PushRefused, PushInterrupted, RegistryError].some((kind) => error instanceof kind)) {
    return { end: 'errored', reason, failure: null };
  }
  return { again: reason };
}

function stopped({ kind, message }: Stop, step: StepName): Verdict {
  const verdicts: Record<Stop['kind'], Verdict> = {
    cancelled: { end: 'cancelled', reason: message, failure: null },
    timeout: isOwnWork(step)
      ? {
          end: 'failed',
          reason: message,
          failure: { step, path: null, line: null, endLine: null, lastLines: [] },
        }
      : { end: 'errored', reason: message, failure: null },
    'handed back': { handBack: message },
    lost: { lost: true },
    'engine away': { uncounted: sentence(message) },
  };
  return verdicts[kind];
}

/** Whether it is the repository's programs that take the time, and not GitHub or the registry. */
const isOwnWork = (step: StepName): boolean => step === 'build' || step === 'test';

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
