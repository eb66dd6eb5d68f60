import { z } from 'zod';
import { states } from '../../queue/build.ts';
import { formats } from '../../queue/notifications.ts';

const time = z.iso.datetime();

/** What app/notify/announce-ends.ts calls a notification. */
export const notificationIdSchema = z
  .string()
  .regex(/^n[0-9a-f]{31}$/)
  .meta({
    description: 'The notification’s id, the same over all tries; receivers see it too.',
    example: 'n4e1c07ab92d35f6810b7e48a6c5d4e3',
  });

/** One thing that was told, or is to be told, to one target. */
export const notificationSchema = z.object({
  id: notificationIdSchema,
  build: z.string().meta({ description: 'The id of the build whose end is told.' }),
  event: z.enum(states.map((state) => `build.${state}` as const)),
  host: z.string().meta({ description: 'The host of the target.' }),
  target: z.string().meta({ description: 'Tells targets apart without saying their URL.' }),
  format: z.enum(formats),
  from: z.enum(['rules file', 'operator']).meta({ description: 'Who named the target.' }),
  tag: z.string().nullable().meta({ description: 'The tag that it is about, in `dockerhub`.' }),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int(),
  createdAt: time,
  triedAt: time.nullable(),
  duration: z.number().nullable().meta({ description: 'What the last try took, in milliseconds.' }),
  status: z.int().nullable().meta({ description: 'The HTTP status of the answer.' }),
  answer: z.string().nullable().meta({ description: 'The beginning of the answer.' }),
  problem: z.string().nullable().meta({ description: 'What was wrong with the last try.' }),
  nextAt: time.nullable().meta({ description: 'When it is tried again.' }),
});

/** The last notifications of a repository. */
export const notificationListSchema = z.object({ notifications: z.array(notificationSchema) });

/** The key that a repository's notifications are signed with. */
export const notificationSecretSchema = z.object({
  secret: z.string().meta({ description: 'As Standard Webhooks writes keys: `whsec_…`.' }),
});
