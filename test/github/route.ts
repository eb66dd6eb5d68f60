import type { Caller } from './caller.ts';
import { notFound, Refusal } from './refusal.ts';
import type { RepositoryState, World } from './world.ts';

/** One request to one operation, its parts decoded. */
export type Call = {
  world: World;
  params: Record<string, string>;
  query: Record<string, string>;
  body: Record<string, unknown>;
  accept: string;
  caller: Caller;
};

/** What an operation answers; `raw` is sent as it is and is not checked. */
export type Answer = {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: { bytes: Buffer; type: string };
  /** When it is not `application/json`. */
  mediaType?: string;
};

type Handled = Answer | Promise<Answer>;

/** An operation as GitHub's description names it, e.g. `GET /repos/{owner}/{repo}`, and its code. */
export type Route =
  | {
      operation: string;
      needs: 'app' | 'client' | 'installation' | 'user' | 'nothing';
      handle: (call: Call) => Handled;
    }
  | {
      operation: string;
      /** An App permission and its level; the repository is the one in the path. */
      needs: readonly [permission: string, level: 'read' | 'write'];
      handle: (call: Call, repository: RepositoryState) => Handled;
    };

/** 200 with a body. */
export const ok = (body: unknown, headers: Record<string, string> = {}): Answer => ({
  status: 200,
  body,
  headers,
});

/** Throws GitHub's refusal unless the caller is of the kind that an operation needs. */
export const demandKind = (
  caller: Caller,
  kind: 'app' | 'client' | 'installation' | 'user',
): void => {
  if (caller.kind === 'invalid') throw new Refusal(401, caller.message);
  if (caller.kind === kind) {
    if (caller.kind === 'installation' && caller.token.installation.suspended) {
      throw new Refusal(403, 'This installation has been suspended');
    }
    return;
  }
  if (kind === 'app') throw new Refusal(401, 'A JSON web token could not be decoded');
  if (kind === 'client') throw notFound();
  if (caller.kind === 'none') throw new Refusal(401, 'Requires authentication');
  throw new Refusal(403, 'Resource not accessible by integration');
};

/** One page of a list by `per_page` (at most 100) and `page`, and the `Link` header to the others. */
export const paged = <T>(
  { query }: Call,
  url: string,
  items: readonly T[],
): { items: T[]; headers: Record<string, string> } => {
  const size = Math.min(100, Math.max(1, Number(query.per_page ?? 30)));
  const page = Math.max(1, Number(query.page ?? 1));
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (number: number, rel: string): string => {
    const search = new URLSearchParams({ ...query, page: String(number) });
    return `<${url}?${search}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ];
  return {
    items: items.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  };
};
