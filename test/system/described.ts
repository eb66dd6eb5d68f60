import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answer, Question } from './ask.ts';

type Content = { schema?: object; 'x-events'?: Record<string, object> };
type Response = { content?: Record<string, Content> };
type Operation = { responses: Record<string, Response> };

/** The description as it came over the wire. */
export type Description = { paths: Record<string, Record<string, Operation>>; components: object };

/** Says what is wrong with an answer by the description, in sentences; nothing if it is right. */
export type Judge = (question: Question, answer: Answer) => string[];

/** The judge of a description. Bodies may have no field that is not described. */
export function judgeOf(description: Description): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema(closed(description) as AnySchemaObject, 'openapi');
  const known = new Map<string, ValidateFunction>();
  const wrong = (schema: object, value: unknown): string[] => {
    const ref = `openapi${(schema as { $ref: string }).$ref}`;
    if (!known.has(ref)) known.set(ref, ajv.compile({ $ref: ref }));
    const check = known.get(ref)!;
    return check(value) ? [] : [`${ref}: ${ajv.errorsText(check.errors)}`];
  };
  const error = { $ref: '#/components/schemas/Error' };

  return ({ method, path }, answer) => {
    const always = alwaysWrong(answer);
    const { pathname } = new URL(path, 'http://localhost');
    if (!/^\/(api\/|badge\/[^/]+\/[^/]+\.svg$)/.test(pathname)) return always;
    const operations = operationsAt(description, pathname);
    const asked = operations?.[(method === 'HEAD' ? 'get' : method.toLowerCase()) as string];
    if (!asked) {
      // Before the path is looked at: a page of another site asks, or the body is too large.
      const statuses = [operations ? 405 : 404, 403, 413];
      if (!statuses.includes(answer.status)) {
        return [...always, `${answer.status} is none of ${statuses}`];
      }
      if (answer.status === 405 && !answer.headers.allow) return [...always, 'no Allow'];
      return method === 'HEAD' ? always : [...always, ...wrong(error, jsonOf(answer))];
    }
    const response = asked.responses[answer.status];
    if (!response) return [...always, `${answer.status} is not described`];
    if (method === 'HEAD' || !response.content) {
      return answer.text === '' ? always : [...always, `a body where none is described`];
    }
    const [[type = '', content = {}] = []] = Object.entries(response.content);
    const given = String(answer.headers['content-type']).split(';')[0];
    if (given !== type) return [...always, `${given} is not ${type}`];
    if (content['x-events']) return [...always, ...wrongEvents(content['x-events'], answer, wrong)];
    if (type !== 'application/json') return always;
    return [...always, ...wrong(content.schema ?? {}, jsonOf(answer))];
  };
}

function alwaysWrong({ status, headers }: Answer): string[] {
  const shared = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
  return [
    ...(status >= 500 ? [`${status}`] : []),
    ...shared.map((name) => `${name} lets other sites in`),
  ];
}

/** Every whole event of a stream, judged by its name. */
function wrongEvents(
  events: Record<string, object>,
  { text }: Answer,
  wrong: (schema: object, value: unknown) => string[],
): string[] {
  return [...text.matchAll(/^event: (.+)\n(?:id: .+\n)?data: (.+)\n$/gm)].flatMap(
    ([, name = '', data = '']) => {
      const schema = events[name];
      return schema ? wrong(schema, JSON.parse(data)) : [`the event ${name} is not described`];
    },
  );
}

function operationsAt({ paths }: Description, pathname: string) {
  const found = Object.entries(paths).find(([path]) => {
    const pattern = path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(pathname);
  });
  return found?.[1];
}

/** The same with every object closed that does not say itself what else it may have. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const all = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  const isOpen = all.type === 'object' && 'properties' in all && !('additionalProperties' in all);
  return isOpen ? { ...all, additionalProperties: false } : all;
}

function jsonOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return `no JSON: ${text.slice(0, 100)}`;
  }
}
