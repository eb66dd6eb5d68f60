import { z } from 'zod';
import { envelope, type Reading, repositoryOf, secondsOf } from './payload.ts';

const commentSchema = envelope.extend({
  issue: z.object({ number: z.number(), pull_request: z.looseObject({}).nullish() }),
  comment: z.object({
    id: z.number(),
    body: z.string(),
    created_at: z.string(),
    user: z.object({ login: z.string(), type: z.string().optional() }).nullish(),
    performed_via_github_app: z.looseObject({}).nullish(),
  }),
});

/** Reads a new comment: the order `/slipway build`, given by a person on a pull request, or nothing. */
export function readComment(payload: unknown): Reading {
  const event = commentSchema.parse(payload);
  const { issue, comment } = event;
  const order = orderIn(comment.body);
  if (!order) return { ignored: 'The comment asks for nothing.' };
  if (!issue.pull_request) return { ignored: `Issue ${issue.number} is no pull request.` };
  const { user } = comment;
  // A program that can be made to repeat what others wrote must not give leave by it.
  if (!user || user.type === 'Bot' || comment.performed_via_github_app) {
    return { ignored: 'The comment was not written by a person.' };
  }
  return {
    kind: 'build comment',
    repository: repositoryOf(event),
    number: issue.number,
    sha: order.sha,
    by: user.login,
    id: comment.id,
    writtenAt: secondsOf(comment.created_at),
  };
}

/**
 * The order in a comment: `/slipway build` alone on a line, with the commit's id or its beginning
 * if one likes. What is quoted or stands in a fenced block of code is talked about, not ordered.
 */
function orderIn(body: string): { sha: string | null } | null {
  let fence: string | null = null;
  for (const line of body.split(/\r?\n/)) {
    const [, mark = null] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === null) {
      const order = /^\/slipway build(?: +([0-9a-f]{7,40}))?[ \t]*$/.exec(line);
      if (order) return { sha: order[1] ?? null };
      fence = mark;
    } else if (mark?.startsWith(fence) && line.trim() === mark) fence = null;
  }
  return null;
}
