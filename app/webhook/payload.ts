import { z } from 'zod';
import type { Repository } from '../../queue/build.ts';
import type { Trigger } from '../../queue/trigger.ts';

/** What a delivery asks for, or why it asks for nothing. */
export type Reading = Trigger | { ignored: string };

/** Events write some times as seconds since the epoch, others in ISO 8601. */
export const timeSchema = z.union([z.number(), z.string()]).nullish();

/** What is used of a repository. */
export const repositorySchema = z.object({
  id: z.number(),
  full_name: z.string(),
  private: z.boolean(),
  default_branch: z.string().optional(),
  description: z.string().nullish(),
  html_url: z.string().optional(),
  license: z.object({ spdx_id: z.string().nullish() }).nullish(),
  pushed_at: timeSchema,
  updated_at: timeSchema,
});

/** What every event about a repository has around its own part. */
export const envelope = z.object({
  repository: repositorySchema,
  installation: z.object({ id: z.number() }).nullish(),
  sender: z.object({ login: z.string() }).nullish(),
});

/** Whom GitHub names as the one who did it: a login. */
export const senderOf = (event: z.infer<typeof envelope>): string =>
  event.sender?.login ?? 'GitHub';

/** The repository as Slipway knows it. */
export function repositoryOf({ repository, installation }: z.infer<typeof envelope>): Repository {
  return {
    id: repository.id,
    fullName: repository.full_name,
    private: repository.private,
    defaultBranch: repository.default_branch ?? 'main',
    description: repository.description ?? null,
    htmlUrl: repository.html_url ?? '',
    license: repository.license?.spdx_id ?? null,
    installationId: installation?.id ?? null,
    asOf: Math.max(
      ...[repository.pushed_at, repository.updated_at].map((at) => (at ? secondsOf(at) : 0)),
    ),
  };
}

/** `pushed_at` is seconds in push events and ISO 8601 elsewhere; seconds since the epoch, now if there is none. */
export function secondsOf(time: number | string | null | undefined): number {
  if (typeof time === 'number') return time;
  return Math.floor((time ? Date.parse(time) : Date.now()) / 1_000);
}
