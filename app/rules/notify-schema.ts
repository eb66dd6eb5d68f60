import { z } from 'zod';
import { formats } from '../../queue/notifications.ts';

/** The ends of a build, of which each can be told. */
const ends = ['succeeded', 'failed', 'errored', 'cancelled'] as const;

/** Longer URLs are refused, in characters. */
const longestUrl = 1_000;

/** An http or https URL whose host has no user name or password before it. */
const url = z
  .string()
  .max(longestUrl)
  .regex(/^https?:\/\/[^\s/?#@\\]+([/?#][^\s]*)?$/, {
    message: 'must be a URL such as https://ci.example.com/hook, without user name and password',
  })
  .refine((text) => URL.canParse(text), {
    message: 'must be a URL with a host, such as https://ci.example.com/hook',
  });

/** One entry under `notify:`, as it is written. */
export const targetSchema = z
  .strictObject({
    url: url.describe(
      'Where a POST goes when a build ends; https, unless the operator allows http.',
    ),
    format: z
      .enum(formats, { error: `must be one of ${formats.join(', ')}` })
      .default('slipway')
      .describe('What is sent: slipway’s own JSON, Docker Hub’s, or a text for Slack.'),
    on: z
      .array(z.enum(ends, { error: `must be one of ${ends.join(', ')}` }))
      .min(1)
      .max(ends.length)
      .optional()
      .describe('Which ends are told; default all, with dockerhub only succeeded.'),
  })
  .refine(
    ({ format, on }) => format !== 'dockerhub' || (on ?? []).every((e) => e === 'succeeded'),
    {
      path: ['on'],
      message: 'must be [succeeded], since format dockerhub knows no other end',
    },
  );

/** Somebody to be told of a build's end, as a rules file names it. */
export type WrittenTarget = z.infer<typeof targetSchema>;
