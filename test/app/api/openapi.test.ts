import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApi } from '../../../app/api/openapi.ts';
import { createWeb } from '../../../app/web.ts';
import type { WebDeps } from '../../../app/web-deps.ts';

const description = openApi('https://slipway.example.com');

test('the description is OpenAPI 3.1 as the standard’s own schema has it', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(description));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

test('whatever is referred to is there, and whatever is there is referred to', () => {
  const text = JSON.stringify(description);
  const named = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, n]) => n);
  expect([...new Set(named)].sort()).toEqual(Object.keys(description.components.schemas).sort());
});

test('the routes and the description are the same', () => {
  // No route is called, so that none needs anything.
  const web = createWeb({ publicUrl: 'http://localhost', planner: {} } as WebDeps, (app) =>
    app.post('/api/github/webhooks', (c) => c.text('')),
  );
  const routes = web.routes
    .filter(({ method, path }) => method !== 'ALL' && /^\/(api|badge)\//.test(path))
    .map(({ method, path }) => `${method} ${shapeOf(path)}`);
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${shapeOf(path)}`),
  );
  expect(described.length).toBeGreaterThan(10);
  expect([...new Set(routes)].sort()).toEqual(described.sort());
});

test('every parameter of a path has an example that its own pattern takes', () => {
  const paths = Object.values(description.paths).flatMap((methods) => Object.values(methods));
  const schemas = paths
    .flatMap(({ parameters }) => parameters)
    .filter((one) => one.in === 'path')
    .map(({ schema }) => schema as { pattern: string; example: string });
  expect(schemas.length).toBeGreaterThan(10);
  for (const { pattern, example } of schemas) expect(example).toMatch(new RegExp(pattern));
});

/** A path with `{}` for each parameter, whether Hono or OpenAPI wrote it. */
const shapeOf = (path: string): string =>
  path.replace(/:\w+\{\[\^\/\]\+\\(\.\w+)\}/, '{}$1').replace(/:\w+|\{\w+\}/g, '{}');
