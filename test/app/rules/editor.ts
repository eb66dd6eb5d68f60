import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

/** The text of the JSON Schema that is published for editors. */
export const publishedSchema = readFileSync(
  new URL('../../../../docs/slipway.schema.json', import.meta.url),
  'utf8',
);

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(publishedSchema),
);

/** Whether an editor with the published schema underlines something in these values. */
export const editorRefuses = (values: unknown): boolean => !validate(values);
