import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { toJsonSchema } from './json-schema.ts';
import cut from './openapi.json' with { type: 'json' };

type Schema = { $ref?: string; type?: string; properties?: Record<string, Schema> };
type Parameter = { $ref?: string; name: string; in: string; required?: boolean; schema: Schema };
type Body = { content?: Record<string, { schema: Schema }>; $ref?: string; required?: boolean };
type Operation = {
  parameters?: Parameter[];
  requestBody?: Body;
  responses: Record<string, Body>;
};

/** GitHub's own description of its API as three checks; each answers what is wrong, in sentences. */
export type Description = {
  /** `operation` is e.g. `GET /repos/{owner}/{repo}`; unknown names are wrong too. */
  request: (
    operation: string,
    sent: { params: Record<string, string>; query: Record<string, string>; body: unknown },
  ) => string[];
  answer: (operation: string, status: number, mediaType: string, body: unknown) => string[];
  /** `event` is the value of `X-GitHub-Event`. */
  webhook: (event: string, payload: Record<string, unknown>) => string[];
};

const escapeKey = (key: string): string =>
  encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));

const sentences = (errors: ErrorObject[]): string[] =>
  errors.slice(0, 8).map(({ instancePath, message, params }) => {
    const detail = JSON.stringify(params);
    return `${instancePath || 'the whole'} ${message ?? 'is wrong'} ${detail}`;
  });

const fromText = (schema: Schema, text: string): unknown => {
  if (schema.type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (schema.type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
};

/**
 * The one place where the description is wrong about GitHub: it wants the account of a listed
 * installation to be a user and an enterprise at once. A single installation is described rightly.
 */
const repaired = (document: typeof cut): unknown => {
  const path = '/app/installations';
  const schema = { type: 'array', items: { $ref: '#/components/schemas/installation' } };
  const responses = { '200': { content: { 'application/json': { schema } } } };
  const get = { ...document.paths[path].get, responses };
  return { ...document, paths: { ...document.paths, [path]: { get } } };
};

/** Reads the cut of GitHub's description; schemas are compiled when they are first needed. */
export const readDescription = (): Description => {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateSchema: false });
  formats.default(ajv);
  ajv.addSchema(toJsonSchema(repaired(cut)) as AnySchema, 'github');
  const paths = cut.paths as unknown as Record<string, Record<string, Operation>>;
  const hooks = cut['x-webhooks'] as unknown as Record<string, { post: { requestBody: Body } }>;

  const validator = (pointer: string): ValidateFunction => {
    const found = ajv.getSchema(`github#${pointer}`);
    if (!found) throw new Error(`no schema at ${pointer}`);
    return found;
  };
  const check = (pointer: string, value: unknown): string[] => {
    const validate = validator(pointer);
    return validate(value) ? [] : sentences(validate.errors ?? []);
  };
  const component = <T extends { $ref?: string }>(node: T): { node: T; at: string | null } => {
    if (!node.$ref) return { node, at: null };
    const at = node.$ref.slice(1);
    const [, , kind = '', name = ''] = at.split('/');
    const kinds = cut.components as unknown as Record<string, Record<string, T>>;
    const target = kinds[kind]?.[name];
    if (!target) throw new Error(`no component at ${at}`);
    return { node: target, at };
  };
  const lookUp = (operation: string): { found: Operation; at: string } => {
    const [method = '', path = ''] = operation.split(' ');
    const found = paths[path]?.[method.toLowerCase()];
    if (!found) throw new Error(`the description has no ${operation}`);
    return { found, at: `/paths/${escapeKey(path)}/${method.toLowerCase()}` };
  };

  const request: Description['request'] = (operation, { params, query, body }) => {
    const { found, at } = lookUp(operation);
    const wrong: string[] = [];
    const known = new Set<string>();
    for (const [index, parameter] of (found.parameters ?? []).entries()) {
      const { node, at: place } = component(parameter);
      const value = (node.in === 'query' ? query : params)[node.name];
      if (node.in === 'query') known.add(node.name);
      const pointer = `${place ?? `${at}/parameters/${index}`}/schema`;
      if (value !== undefined) {
        const errors = check(pointer, fromText(node.schema, value));
        wrong.push(...errors.map((error) => `${node.in} ${node.name}: ${error}`));
      } else if (node.required) wrong.push(`${node.in} ${node.name} is missing`);
    }
    for (const name of Object.keys(query)) {
      if (!known.has(name)) wrong.push(`query ${name} is not in the description`);
    }
    const schema = found.requestBody?.content?.['application/json']?.schema;
    if (schema && (body !== undefined || found.requestBody?.required)) {
      const pointer = `${at}/requestBody/content/application~1json/schema`;
      wrong.push(...check(pointer, body ?? null).map((error) => `body: ${error}`));
      for (const name of Object.keys((body as object | null) ?? {})) {
        if (!schema.properties?.[name]) wrong.push(`body: ${name} is not in the description`);
      }
    }
    return wrong;
  };

  const answer: Description['answer'] = (operation, status, mediaType, body) => {
    const { found, at } = lookUp(operation);
    const described = found.responses[String(status)];
    if (!described) {
      if (status < 300) return [`status ${status} is not in the description`];
      return check('/components/schemas/basic-error', body);
    }
    const { node, at: place } = component(described);
    if (!node.content) return [];
    const type = node.content[mediaType] ? mediaType : 'application/json';
    const pointer = `${place ?? `${at}/responses/${status}`}/content/${escapeKey(type)}/schema`;
    return check(pointer, body);
  };

  const webhook: Description['webhook'] = (event, payload) => {
    const action = typeof payload.action === 'string' ? `-${payload.action}` : '';
    const name = `${event}${action}`.replaceAll('_', '-');
    const type = 'application/json';
    if (!hooks[name]?.post.requestBody.content?.[type]) return [`no webhook is called ${name}`];
    return check(`/x-webhooks/${name}/post/requestBody/content/${escapeKey(type)}/schema`, payload);
  };

  return { request, answer, webhook };
};
