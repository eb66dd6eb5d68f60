import { statSync } from 'node:fs';
import { z } from 'zod';
import { readRedisUrl } from './redis-url.ts';

/** Where Redis is, see redis-url.ts. */
export const redisUrl = z
  .string('is missing; give the Redis both processes share, e.g. redis://localhost:6379')
  .superRefine((text, context) => {
    try {
      readRedisUrl(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });

/** A registry's host, with a port if it is not the usual one, and a path below it if wanted. */
export const registry = z
  .string('is missing; give the registry images go to, e.g. ghcr.io or localhost:5000')
  .regex(
    /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._/-]+)?$/i,
    'is not a registry; give a host without a scheme, e.g. ghcr.io or localhost:5000',
  )
  .transform((text) => text.toLowerCase().replace(/\/$/, ''));

/** `true` or `false`. */
export const yesOrNo = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((text) => text === 'true');

/** A TCP port; 0 is one of the system’s choice. */
export const port = z.coerce
  .number('is not a port; give a number from 0 to 65535')
  .int('is not a port; give a number from 0 to 65535')
  .min(0, 'is not a port; give a number from 0 to 65535')
  .max(65_535, 'is not a port; give a number from 0 to 65535');

/** The longest that a timer of Node.js can wait is 24.8 days; a longer one would fire at once. */
const longest = milliseconds('24d');

const span = z
  .string()
  .regex(/^\d+(\.\d+)?(s|m|h)$/, 'is not a duration; give a number with s, m or h, e.g. 30m')
  .transform(milliseconds)
  .refine((ms) => ms <= longest, 'is too long; give 576h (24 days) or less');

/** Milliseconds, given as `30m`: a second or more, 24 days at most. */
export const duration = span.refine((ms) => ms >= 1_000, 'is too short; give 1s or more');

/** The same for what need not be granted at all: `0s` is taken too. */
export const grace = span;

/** How long something is kept: a duration that may be given in days, an hour or more. */
export const age = z
  .string()
  .regex(/^\d+(\.\d+)?(s|m|h|d)$/, 'is not a time; give a number with s, m, h or d, e.g. 90d')
  .transform(milliseconds)
  .refine((ms) => ms >= milliseconds('1h'), 'is too short; give 1h or more')
  .refine((ms) => ms <= milliseconds('36500d'), 'is too long; give 36500d (100 years) or less');

/** How many of something are kept. */
export const count = z.coerce
  .number('is not a number; give how many are kept, 1 or more')
  .int('is not a whole number; give how many are kept, 1 or more')
  .min(1, 'is too small; give how many are kept, 1 or more');

/** Bytes, given as `16m`. */
export const bytes = z
  .string()
  .regex(/^\d+(k|m|g)?$/i, 'is not a size; give bytes, or a number with k, m or g, e.g. 16m')
  .transform((text) => {
    const unit = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[text.slice(-1).toLowerCase()];
    return Number.parseInt(text, 10) * (unit ?? 1);
  })
  .refine(Number.isSafeInteger, 'is too large; give less than 8388608g');

/** The same, but no less than a size, which is given as it is to be told. */
export const atLeast = (least: string) =>
  bytes.refine((size) => size >= bytes.parse(least), `is too small; give ${least} or more`);

/** Pino’s levels. */
export const logLevel = z
  .enum(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'is not a level; use trace, debug, info, warn, error, fatal or silent',
  )
  .default('info');

/** Where people reach the pages, without a slash at its end. */
export const publicUrl = z
  .url({
    protocol: /^https?$/,
    error: 'is not a URL; give where people reach the pages, https://…',
  })
  .transform((text) => text.replace(/\/+$/, ''));

/** The folder for archived logs. */
export const logStore = z
  .string()
  .regex(
    /^(?!s3:\/\/)/,
    'names an S3 bucket, which this version cannot use yet; give a folder that all web processes share',
  );

/** `ghcr.io/acme-images` for every owner, `acme=ghcr.io/acme-images` for one. */
export const namespaces = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  )
  .refine(
    (entries) => entries.every((entry) => /^([\w.-]+=)?[\w.-]+(:\d+)?(\/[\w.-]+)+$/.test(entry)),
    'is not a list of namespaces; give registry/path or owner=registry/path, separated by commas',
  );

/** What is wrong with a number of calls of GitHub’s API. */
export const budget =
  'is not a number of calls; give how many an hour may be made, from 10 to 15000';

/** Whether there is a folder at a path. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A duration’s milliseconds; the text is one. */
export function milliseconds(text: string): number {
  const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[text.slice(-1)] ?? 1;
  return Number.parseFloat(text) * unit;
}
