import type { OpenApi } from '../api/openapi.ts';

type Described = OpenApi['paths'][string][string];

/** A command that asks for it, for a shell. */
export function curlOf(url: string, method: string, path: string, described: Described): string {
  const needsToken = described.security.every((way) => Object.keys(way).length > 0);
  const body = described.requestBody?.content['application/json'].example;
  const isStream = JSON.stringify(described.responses).includes('x-events');
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => exampleOf(described, name));
  return [
    `curl${isStream ? ' -N' : ''}${method === 'GET' ? '' : ` -X ${method}`}`,
    ...(needsToken ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(body ? [`-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`] : []),
    `${url}${address}`,
  ].join(' \\\n  ');
}

/** What stands for a parameter of the path: the example that its schema gives. */
function exampleOf({ parameters }: Described, name: string): string {
  const schema = parameters.find((one) => one.name === name)?.schema;
  return (schema as { example?: string } | undefined)?.example ?? name;
}
