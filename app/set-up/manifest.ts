import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const appSchema = z.object({
  name: z.string(),
  public: z.boolean(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write'])),
  default_events: z.array(z.string()),
});

/**
 * The manifest of the GitHub App, from `app.yml` and the addresses of this service
 * (https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest).
 * GitHub reaches `publicUrl`; `redirectUrl` is where the browser comes back with a code.
 */
export async function appManifest(publicUrl: string, redirectUrl: string) {
  const text = await readFile(new URL('../../../app.yml', import.meta.url), 'utf8');
  return {
    ...appSchema.parse(parse(text)),
    url: publicUrl,
    hook_attributes: { url: `${publicUrl}/api/github/webhooks`, active: true },
    redirect_url: redirectUrl,
    callback_urls: [`${publicUrl}/sign-in/callback`],
    setup_url: `${publicUrl}/`,
  };
}
