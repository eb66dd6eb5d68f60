import type { OpenApi } from '../api/openapi.ts';

type Described = OpenApi['paths'][string][string];

/** What stands for the parameters of a path in examples. */
const examples: Record<string, string> = {
  id: 'b3f2a9c1d0b7e48a6c5d4e3f',
  owner: 'acme',
  repo: 'web',
};

/** A command that asks for it, for a shell. */
export function curlOf(url: string, method: string, path: string, described: Described): string {
  const needsToken = described.security.every((way) => Object.keys(way).length > 0);
  const body = described.requestBody?.content['application/json'].example;
  const isStream = JSON.stringify(described.responses).includes('x-events');
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => examples[name] ?? name);
  return [
    `curl${isStream ? ' -N' : ''}${method === 'GET' ? '' : ` -X ${method}`}`,
    ...(needsToken ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(body ? [`-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`] : []),
    `${url}${address}`,
  ].join(' \\\n  ');
}
