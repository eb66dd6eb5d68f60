import type { ProbotOctokit } from 'probot';
import { type Finding, good, warning, wrong } from '../../queue/finding.ts';
import { once } from '../github/octokit.ts';
import { isLoopback } from '../set-up/is-loopback.ts';

/** The App as itself, and the address at which GitHub is to reach us. */
export type AppClient = { octokit: ProbotOctokit; publicUrl: string };

/** Whether GitHub sends its webhooks to us, and whether the last ones arrived. */
export async function lookAtWebhook(client: AppClient): Promise<Finding[]> {
  return [
    await lookAtAddress(client.publicUrl),
    await lookAtSettings(client),
    await lookAtDeliveries(client),
  ];
}

/** How long our own address may take to answer, in milliseconds. */
const patience = 5_000;

async function lookAtAddress(publicUrl: string): Promise<Finding> {
  const name = 'Address';
  if (isLoopback(publicUrl)) {
    const todo =
      'Set PUBLIC_URL to an address that GitHub can reach, by a proxy or a tunnel to PORT.';
    return warning(name, `${publicUrl} is this machine’s name for itself.`, todo);
  }
  const todo = 'See that the proxy or tunnel before Slipway runs and leads to PORT.';
  try {
    const answer = await fetch(`${publicUrl}/healthz`, { signal: AbortSignal.timeout(patience) });
    if (answer.ok) return good(name, `${publicUrl} leads here, seen from this machine.`);
    return wrong(name, `${publicUrl}/healthz answers ${answer.status}.`, todo);
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    // Not every network lets a machine go out and come in again by its public address.
    return warning(name, `${publicUrl} does not answer this machine: ${why}.`, todo);
  }
}

async function lookAtSettings({ octokit, publicUrl }: AppClient): Promise<Finding> {
  const name = 'Webhook';
  const wanted = `${publicUrl}/api/github/webhooks`;
  const todo = `Set the webhook URL in the App’s settings to ${wanted}, with content type application/json.`;
  try {
    const { data } = await octokit.request('GET /app/hook/config', once);
    const { url, content_type: type } = data;
    if (url !== wanted) {
      return wrong(name, `GitHub sends webhooks to ${url || 'nowhere'}, which is not here.`, todo);
    }
    if (type !== undefined && type !== 'json') {
      return wrong(name, `GitHub sends webhooks as ${type}, which is refused.`, todo);
    }
    return good(name, `GitHub sends webhooks to ${url}.`);
  } catch (error) {
    return unanswered(name, error as Error);
  }
}

/** So many deliveries are looked at, the newest ones. */
const lookedAt = 30;

async function lookAtDeliveries({ octokit }: AppClient): Promise<Finding> {
  const name = 'Deliveries';
  try {
    const answer = await octokit.request('GET /app/hook/deliveries', {
      per_page: lookedAt,
      ...once,
    });
    const [newest] = answer.data;
    if (!newest) return good(name, 'GitHub has sent no webhook yet.');
    const failed = answer.data.filter(({ status_code: code }) => code < 200 || code >= 300);
    const count = `${failed.length} of the last ${answer.data.length} webhooks failed`;
    if (failed.length === 0) return good(name, `The last ${answer.data.length} webhooks arrived.`);
    const { status_code: code, status, delivered_at: at } = failed[0]!;
    const says = `${count}, last at ${at}: ${status}.`;
    // What failed some time ago is brought in again (docs/reliability.md).
    return failed[0] === newest ? wrong(name, says, whatToDo(code)) : warning(name, says, null);
  } catch (error) {
    return unanswered(name, error as Error);
  }
}

function whatToDo(code: number): string {
  if (code === 401) return 'Give the webhook secret of the App’s settings as WEBHOOK_SECRET.';
  if (code === 404 || code === 405) return 'The address leads elsewhere: see Webhook and Address.';
  if (code === 503) return 'Redis refused what was to be recorded: see Redis.';
  return 'GitHub must reach the address over the internet: look at firewall, DNS and certificate.';
}

const unanswered = (name: string, { message }: Error): Finding =>
  warning(name, `GitHub did not say: ${message}.`, 'Try again later.');
