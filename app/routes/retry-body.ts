import { z } from 'zod';

/** What building again may be asked; without a body everything is as usual. */
export const retryBodySchema = z.strictObject({
  cache: z.boolean('must be true or false').optional().meta({
    description: 'Whether layers and images of earlier builds may be used; default true.',
  }),
});

/** For messages and for the description. */
export const retryExample = { cache: false };
