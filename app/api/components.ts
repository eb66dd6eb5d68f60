import { z } from 'zod';
import { refBodySchema } from '../routes/ref-body.ts';
import { retryBodySchema } from '../routes/retry-body.ts';
import {
  buildListSchema,
  builtByHandSchema,
  errorSchema,
  imageListSchema,
  imageSchema,
  messageSchema,
  repositorySchema,
} from './answer-schemas.ts';
import { buildSchema } from './build-schema.ts';
import { gapSchema, logLineSchema } from './log-schemas.ts';
import {
  notificationListSchema,
  notificationSchema,
  notificationSecretSchema,
} from './notification-schemas.ts';

/** Every body that goes in or out, by its name in the description. */
const components = {
  Build: buildSchema,
  BuildList: buildListSchema,
  BuiltByHand: builtByHandSchema,
  Error: errorSchema,
  Gap: gapSchema,
  Image: imageSchema,
  ImageList: imageListSchema,
  LogLine: logLineSchema,
  Message: messageSchema,
  Notification: notificationSchema,
  NotificationList: notificationListSchema,
  NotificationSecret: notificationSecretSchema,
  RefBody: refBodySchema,
  Repository: repositorySchema,
  RetryBody: retryBodySchema,
  Description: z.looseObject({ openapi: z.literal('3.1.1') }),
  WebhookPayload: z.looseObject({}).meta({ description: 'As GitHub documents it for the event.' }),
};

/** The name of a body in the description. */
export type ComponentName = keyof typeof components;

/** How the description names one. */
export const componentRef = (name: ComponentName) => ({ $ref: `#/components/schemas/${name}` });

/** All of them as JSON Schema of OpenAPI 3.1's dialect, which is draft 2020-12. */
export function componentSchemas(): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(components)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ zodSchema, jsonSchema }) => {
      Object.assign(jsonSchema, z.globalRegistry.get(zodSchema));
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]),
  );
}
