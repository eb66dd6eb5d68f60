import type { MiddlewareHandler } from 'hono';
import { methodsOf } from '../api/operations.ts';
import { ApiError } from './api-error.ts';

/** Comes after all routes: answers 405 where the API has the path, but not by this method. */
export const onlyMethods: MiddlewareHandler = async (c, next) => {
  const methods = methodsOf(c.req.path);
  // One that is known and yet not answered is a route that only GitHub's App brings along.
  if (methods.length === 0 || methods.includes(c.req.method)) return next();
  const allowed = methods.join(', ');
  c.header('allow', allowed);
  const message = `This path is for ${allowed}, not ${c.req.method.slice(0, 20)}.`;
  throw new ApiError(405, 'method_not_allowed', message);
};
