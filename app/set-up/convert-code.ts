import { z } from 'zod';
import { ApiError } from '../routes/api-error.ts';

/** Milliseconds within which GitHub must answer. */
const patience = 10_000;

/** Goes into a file between quotes. */
const plain = z.string().regex(/^[^"\\\s]+$/);

const appSchema = z.object({
  id: z.number(),
  html_url: z.url({ protocol: /^https?$/ }),
  client_id: plain,
  client_secret: plain,
  webhook_secret: plain,
  pem: z.string().regex(/^-----BEGIN [A-Z ]+-----[\w+/=\s]+-----END [A-Z ]+-----\s*$/),
});

/** An App as GitHub registered it, with everything that speaks for it. */
export type RegisteredApp = z.infer<typeof appSchema>;

/**
 * Exchanges the code of a registration for the App's credentials, which works once and within an
 * hour (https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest). Throws an
 * ApiError that says what to do, with nothing of GitHub's answer in it.
 */
export async function convertCode(apiUrl: string, code: string): Promise<RegisteredApp> {
  const url = `${apiUrl}/app-manifests/${encodeURIComponent(code)}/conversions`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json', 'user-agent': 'slipway' },
    signal: AbortSignal.timeout(patience),
  }).catch(() => null);
  if (answer?.status === 404 || answer?.status === 422) {
    throw new ApiError(
      400,
      'bad_code',
      `GitHub does not take this code: each is good once, for an hour. ${again}`,
    );
  }
  const app = answer?.ok ? appSchema.safeParse(await answer.json().catch(() => null)) : null;
  if (app?.success) return app.data;
  const how = answer ? `answered ${answer.status} without them` : 'did not answer';
  throw new ApiError(
    502,
    'no_credentials',
    `GitHub was asked for the App’s keys and ${how}. ${again}`,
  );
}

const again = 'If the App is there on GitHub, delete it, and begin again at /setup.';
