import { badgeOperation } from './badge-operation.ts';
import { buildOperations } from './build-operations.ts';
import { notificationOperations } from './notification-operations.ts';
import type { Operation } from './operation.ts';
import { repositoryOperations } from './repository-operations.ts';
import { serviceOperations } from './service-operations.ts';

/** Everything that programs may ask of Slipway; test/app/api-routes.test.ts compares it with the routes. */
export const operations: readonly Operation[] = [
  ...buildOperations,
  ...repositoryOperations,
  ...notificationOperations,
  badgeOperation,
  ...serviceOperations,
];

/** The methods that a path knows; none for a path that is not the API's. */
export function methodsOf(path: string): string[] {
  const here = operations.filter((operation) => patternOf(operation.path).test(path));
  const methods = here.map(({ method }) => method.toUpperCase());
  return methods.includes('GET') ? ['HEAD', ...methods] : methods;
}

/** Matches what a path of the description stands for. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
