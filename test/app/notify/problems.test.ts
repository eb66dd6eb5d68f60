import { expect, test } from '@jest/globals';
import { withoutSecrets } from '../../../app/notify/problems.ts';
import { send } from '../../../app/notify/send.ts';
import type { Target } from '../../../app/notify/target.ts';
import { freePort } from '../../../bin/embedded/free-port.ts';
import { allowed } from '../../../queue/notify-values.ts';

/** What is said of a request to a URL that does not come through. */
async function said(url: string): Promise<string> {
  const own = allowed.parse('localhost');
  const error = await send(url, {}, '', own).catch((error: Error) => error);
  return withoutSecrets(error as Error, { url } as Target).message;
}

test('what goes wrong on the way is a sentence that names the host and nothing else of the URL', async () => {
  const port = await freePort();
  expect(await said(`http://localhost:${port}/a-secret-path`)).toBe(
    'localhost refuses the connection (ECONNREFUSED).',
  );
  // Whether a DNS says that a name is unknown, or is not there itself, is this machine's matter.
  expect(await said('https://hook.invalid/a-secret-path')).toMatch(
    /^The name hook\.invalid is not known \(ENOTFOUND\)\.$|^The DNS does not answer for hook\.invalid \(EAI_AGAIN\)\.$/,
  );
  const other = new Error('Parse Error: Expected HTTP/ for a-secret-path');
  const target = { url: 'https://hook.invalid/a-secret-path' } as Target;
  expect(withoutSecrets(other, target).message).toBe('Parse Error: Expected HTTP/ for ….');
});
