import type { Context } from 'hono';
import { z } from 'zod';
import { ApiError, notFound } from './api-error.ts';

/**
 * Reads the parameters of a query. Throws a 400 that names the parameter, what it was and what is
 * allowed.
 */
export function readParameters<T extends z.ZodType>(
  schema: T,
  query: Record<string, string>,
): z.infer<T> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  const given = query[name] === '' ? '' : `, not ${shown(query[name])}`;
  const message = `The parameter ${name} ${issue?.message}${given}.`;
  throw new ApiError(400, 'bad_request', message);
}

/** The id of a build in a path. */
export const buildIdParams = z.object({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .meta({ description: 'The build’s id.', example: 'b3f2a9c1d0b7e48a6c5d4e3f' }),
});

/** A repository in a path; GitHub's names and those of the local remote. */
export const repositoryParams = z.object({
  owner: z
    .string()
    .regex(/^[A-Za-z\d][\w.-]{0,99}$/)
    .meta({ example: 'acme' }),
  repo: z
    .string()
    .regex(/^(?!\.{1,2}$)[\w.-]{1,100}$/)
    .meta({ example: 'web' }),
});

/** The build that a path names. Throws the 404 of any unknown one for what is no id. */
export function idOf(c: Context): string {
  const result = buildIdParams.safeParse(c.req.param());
  if (result.success) return result.data.id;
  throw notFound('such build');
}

/**
 * The repository that a path names, `owner/name`. Throws the 404 of any unknown one for what is no
 * name, so that none reaches GitHub as another path than it is meant for.
 */
export function fullNameOf(c: Context): string {
  const { owner, repo } = c.req.param();
  if (repositoryParams.safeParse({ owner, repo }).success) return `${owner}/${repo}`;
  throw notFound(`repository ${owner}/${repo}`.slice(0, 300));
}

/**
 * Reads a body of JSON; an empty one is `undefined`. Throws a 415 for another type, and a 400 that
 * says what is wrong with it and shows the example.
 */
export async function readBody<T extends z.ZodType>(
  c: Context,
  schema: T,
  example: object,
): Promise<z.infer<T>> {
  const text = await c.req.text();
  const given = text.trim() === '' ? undefined : jsonOf(c, text, example);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const allowed = Object.keys(example).join(', ');
    throw wrongBody(`${shown(issue.keys[0])} is no field here; allowed is ${allowed}.`);
  }
  if (!issue || issue.path.length === 0) {
    throw wrongBody(`The body must be an object such as ${shown(example)}, not ${shown(given)}.`);
  }
  const [name] = issue.path;
  const value = (given as Record<PropertyKey, unknown>)[name!];
  throw wrongBody(`${String(name)} ${issue.message}, not ${shown(value)}.`);
}

function jsonOf(c: Context, text: string, example: object): unknown {
  const type = c.req.header('content-type') ?? 'application/json';
  if (!/^application\/json *(;|$)/i.test(type)) {
    const message = `Send the body as application/json, not as ${type.slice(0, 100)}.`;
    throw new ApiError(415, 'unsupported_media_type', message);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw wrongBody(`The body must be JSON such as ${shown(example)}.`);
  }
}

const wrongBody = (message: string): ApiError => new ApiError(400, 'bad_request', message);

/** A value as a message shows it; of a long one the beginning. */
const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
