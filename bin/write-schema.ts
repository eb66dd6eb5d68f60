import { writeFile } from 'node:fs/promises';
import { rulesJsonSchema } from '../app/rules/json-schema.ts';

// Writes docs/slipway.schema.json anew: `npm run schema` after a change of the rules file's keys.
await writeFile('docs/slipway.schema.json', `${JSON.stringify(rulesJsonSchema(), null, 2)}\n`);
