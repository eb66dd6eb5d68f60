import { z } from 'zod';
import { stepNames } from '../../queue/build.ts';

/** A line of a log, as the event `log` carries it. */
export const logLineSchema = z
  .object({
    n: z.int().min(1).meta({ description: 'The line’s number, from 1.' }),
    at: z.int().meta({ description: 'When it came, in milliseconds since the epoch.' }),
    step: z.enum(stepNames),
    stream: z
      .enum(['status', 'stdout', 'stderr'])
      .meta({ description: '`status` lines are Slipway’s or BuildKit’s own.' }),
    text: z.string(),
  })
  .meta({ description: 'The event `log`; its id is the line’s number.' });

/** Lines that a reader does not get, as the event `gap` carries it. */
export const gapSchema = z
  .object({
    first: z.int().min(1),
    last: z.int().min(1),
    why: z.enum(['limit', 'slow']).meta({
      description: '`limit`: LOG_LIMIT took them. `slow`: this reader was too slow for them.',
    }),
  })
  .meta({ description: 'The event `gap`: lines that this reader does not get.' });
