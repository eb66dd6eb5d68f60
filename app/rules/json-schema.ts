import { z } from 'zod';
import { rulesSchema } from './rules-schema.ts';

/**
 * The rules file as a JSON Schema, for editors that complete and check what is written; draft 7 is
 * what all of them know. The file docs/slipway.schema.json is this and nothing else.
 */
export const rulesJsonSchema = (): object => ({
  title: 'Slipway’s rules file, .github/slipway.yml',
  ...z.toJSONSchema(rulesSchema, { target: 'draft-7', io: 'input' }),
});
