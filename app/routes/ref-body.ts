import { z } from 'zod';

const allowed = 'must be a branch, a tag or a commit id of at most 1024 characters';

/**
 * What may name a branch, a tag or a commit: git allows no other names
 * (https://git-scm.com/docs/git-check-ref-format).
 */
export const refSchema = z
  .string(allowed)
  .min(1, allowed)
  .max(1_024, allowed)
  .regex(/^(?!.*(\.\.|@\{|\/\/))[^\x00-\x20\x7f~^:?*[\\]+$/, allowed)
  .refine((ref) => !/\p{Cs}/u.test(ref) && ref !== '.', allowed);

/** What building by hand is asked. */
export const refBodySchema = z.object({
  ref: refSchema.meta({
    description:
      'A branch, a git tag, a full ref, or the id of a commit or its first 7 digits or more.',
  }),
});

/** For messages and for the description. */
export const refExample = { ref: 'main' };
