import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Addresses by a network: an address and the length of its prefix. */
export type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** What notifications may reach though it is private, or by http. */
export type Allowed = { hosts: string[]; ranges: Range[] };

/** A URL that the operator has told of ends; `of` is an owner or `owner/name` in lower case, or null for all. */
export type OperatorUrl = { of: string | null; url: string };

/** Entries between commas: `https://…`, `owner=https://…` or `owner/name=https://…`. */
export const notifyUrls = z
  .string()
  .transform((text) => entriesOf(text).map(urlEntry))
  .refine(
    (entries) => entries.every(({ url }) => isTarget(url)),
    'has an entry that is no target; give https://…, owner=https://… or owner/name=https://…, separated by commas, without user name and password',
  );

/** Hosts, addresses and networks between commas. */
export const allowed = z.string().transform((text, context): Allowed => {
  const hosts: string[] = [];
  const ranges: Range[] = [];
  for (const entry of entriesOf(text.toLowerCase())) {
    const range = rangeOf(entry);
    if (range) ranges.push(range);
    else if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(entry) && !entry.includes('/'))
      hosts.push(entry);
    else {
      const message = `is not a list of hosts: “${entry}” is no host, address or network; give e.g. hooks.internal,10.0.0.7,fd00::/8`;
      context.addIssue({ code: 'custom', message });
    }
  }
  return { hosts, ranges };
});

/** A key in the form of Standard Webhooks, as its bytes (https://www.standardwebhooks.com). */
export const notifySecret = z
  .string()
  .regex(
    /^whsec_[A-Za-z0-9+/]+={0,2}$/,
    'is not a key; give whsec_ and 24 to 64 bytes in base64: echo "whsec_$(openssl rand -base64 32)"',
  )
  .transform((text) => Buffer.from(text.slice('whsec_'.length), 'base64'))
  .refine(
    ({ length }) => length >= 24 && length <= 64,
    'is too short or too long; give whsec_ and 24 to 64 bytes in base64: echo "whsec_$(openssl rand -base64 32)"',
  );

const entriesOf = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);

function urlEntry(entry: string): OperatorUrl {
  const [, of, url] = /^(?:([\w.-]+(?:\/[\w.-]+)?)=)?(.*)$/.exec(entry) ?? [];
  return { of: of?.toLowerCase() ?? null, url: url ?? '' };
}

function isTarget(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** An address or a network; null for what is neither. Only whole addresses are ones: `10.1` is none. */
function rangeOf(entry: string): Range | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(entry)) return ipaddr.parseCIDR(`${entry}/32`);
  if (ipaddr.IPv6.isValid(entry)) return ipaddr.parseCIDR(`${entry}/128`);
  return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : null;
}
