import { type Context, Hono } from 'hono';
import { writeProblem } from '../queue/write-probe.ts';
import { methodsOf } from './api/operations.ts';
import { metricsText } from './metrics.ts';
import { errorPage } from './pages/error-page.ts';
import { api } from './routes/api.ts';
import { ApiError, errorJson } from './routes/api-error.ts';
import { assets } from './routes/assets.ts';
import { badges } from './routes/badges.ts';
import { identify, type WebEnv } from './routes/caller.ts';
import { ownOriginOnly } from './routes/own-origin.ts';
import { pages } from './routes/pages.ts';
import { redisTrouble, unlessRedisHangs } from './routes/redis-trouble.ts';
import type { WebDeps } from './web-deps.ts';

/** A route that only one way of running has: GitHub's webhooks, or the local remote. */
export type Mount = (app: Hono<WebEnv>) => void;

/** Every route of the web process. */
export function createWeb(deps: WebDeps, mount: Mount): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  mount(app);
  app.get('/healthz', (c) => c.text('The process lives.\n'));
  app.get('/readyz', (c) => ready(c, deps));
  app.get('/metrics', async (c) => {
    c.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    return c.body(await metricsText(deps.metrics, deps.store, deps.queues, deps.recovery.catchUp));
  });
  app.route('/assets', assets());
  app.use(ownOriginOnly, unlessRedisHangs(deps), identify(deps.signIn));
  app.route('/api', api(deps));
  app.route('/badge', badges(deps));
  app.route('/', pages(deps));
  app.onError((error, c) => answerError(c, deps, error));
  return app;
}

async function ready(c: Context, { store, isRedisFit }: WebDeps): Promise<Response> {
  const problem = await writeProblem(store);
  if (problem === null && isRedisFit()) return c.text('Ready.\n');
  return c.text(`Not ready: ${problem ?? 'Redis has not been looked at yet.'}\n`, 503);
}

/** Programs are answered in JSON, people by a page. */
async function answerError(
  c: Context<WebEnv>,
  { log, store }: WebDeps,
  error: Error,
): Promise<Response> {
  if ('getResponse' in error) return (error.getResponse as () => Response)();
  if (!(error instanceof ApiError) && !isCutOff(c)) {
    log.error({ err: error, path: c.req.path }, 'A request could not be answered');
  }
  const answer =
    error instanceof ApiError ? error : ((await redisTrouble(store, error)) ?? unavailable);
  const { path } = c.req;
  if (path.startsWith('/api/') || methodsOf(path).length > 0) return errorJson(c, answer);
  // Nobody is known yet where a request is refused before it is found out who asks.
  return c.html(errorPage(answer, c.var.caller ?? null, formOf(c)), answer.status);
}

/** The path of the page here whose form was sent, if a browser tells; null for anything else. */
function formOf({ req }: Context<WebEnv>): string | null {
  const referer = req.header('referer') ?? '';
  if (req.method !== 'POST' || !URL.canParse(referer)) return null;
  const { host, pathname } = new URL(referer);
  return host === req.header('host') ? `/${pathname.replace(/^\/+/, '')}` : null;
}

/** Whether whoever asks has left before the body was whole, which nobody here can help. */
const isCutOff = ({ env }: Context<WebEnv>): boolean =>
  env.incoming.destroyed && !env.incoming.complete;

const unavailable = new ApiError(503, 'unavailable', 'It did not work; try again in a moment.');
