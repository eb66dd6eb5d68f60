type Node = { [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withNull = (schema: Node): Node => {
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) {
    return withNull({ ...schema, enum: [...schema.enum, null] });
  }
  if (typeof schema.type === 'string' && !schema.oneOf && !schema.anyOf && !schema.allOf) {
    return { ...schema, type: [schema.type, 'null'] };
  }
  return { anyOf: [{ type: 'null' }, schema] };
};

/**
 * An OpenAPI 3.0 description as JSON Schema: `nullable: true` becomes a type of `null`. Properties
 * that happen to be called `nullable` are left alone.
 */
export const toJsonSchema = (value: unknown, names = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => toJsonSchema(item));
  if (!isNode(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => names || (key !== 'nullable' && key !== 'discriminator'))
    .map(([key, child]) => [key, toJsonSchema(child, !names && key === 'properties')]);
  const schema: Node = Object.fromEntries(entries);
  return !names && value.nullable === true ? withNull(schema) : schema;
};
