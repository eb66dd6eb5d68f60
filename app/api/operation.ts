import type { z } from 'zod';
import type { ComponentName } from './components.ts';

/** One thing that the API does, as its description tells it. */
export type Operation = {
  method: 'get' | 'post';
  /** As OpenAPI writes it: `/api/builds/{id}`. */
  path: string;
  /** Names it for programs that are made from the description. */
  id: string;
  tag: 'Builds' | 'Repositories' | 'Notifications' | 'Service';
  summary: string;
  description?: string;
  /**
   * Who may: whoever may see what it is about, whoever may write to the repository, everybody, or
   * GitHub alone.
   */
  who: 'readers' | 'writers' | 'everybody' | 'github';
  /** The schemas by which the route reads its request. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { component: ComponentName; isRequired: boolean; example: object };
  /** What it may answer, by status, beside what {@link Operation.who} and its input imply. */
  answers: Record<number, Answer>;
};

/** An answer of one status; without `type` it has no body. */
export type Answer = {
  says: string;
  /** Names of headers that programs go by, as in `headerTexts`. */
  headers?: ('ETag' | 'Link')[];
} & Content;

type Content =
  | { type?: undefined }
  | { type: 'application/json'; component: ComponentName }
  | { type: 'text/plain' | 'image/svg+xml' }
  | { type: 'text/event-stream'; events: Record<string, ComponentName> };
