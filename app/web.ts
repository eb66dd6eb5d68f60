import { type Context, Hono } from 'hono';
import { writeProblem } from '../queue/write-probe.ts';
import { metricsText } from './metrics.ts';
import { errorPage } from './pages/error-page.ts';
import { ApiError, errorJson, notFound } from './routes/api-error.ts';
import { assets } from './routes/assets.ts';
import { buildsApi } from './routes/builds-api.ts';
import { identify, type WebEnv } from './routes/caller.ts';
import { ownOriginOnly } from './routes/own-origin.ts';
import { pages } from './routes/pages.ts';
import { reposApi } from './routes/repos-api.ts';
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
  app.use(ownOriginOnly, identify);
  app.route('/api/builds', buildsApi(deps));
  app.route('/api/repos', reposApi(deps));
  app.all('/api/*', () => {
    throw notFound('such route');
  });
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
function answerError(c: Context, { log }: WebDeps, error: Error): Response | Promise<Response> {
  if ('getResponse' in error) return (error.getResponse as () => Response)();
  if (!(error instanceof ApiError)) {
    log.error({ err: error, path: c.req.path }, 'A request could not be answered');
  }
  const answer = error instanceof ApiError ? error : unavailable;
  if (c.req.path.startsWith('/api/')) return errorJson(c, answer);
  const title = answer.status === 404 ? 'Not found' : 'That did not work';
  return c.html(errorPage(title, answer.message), answer.status);
}

const unavailable = new ApiError(503, 'unavailable', 'It did not work; try again in a moment.');
