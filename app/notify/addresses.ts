import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import type { Allowed } from '../../queue/notify-values.ts';

type Address = ReturnType<typeof ipaddr.process>;

/** Addresses that may be connected to; the request must go to one of these and look nothing up again. */
export type Found = { address: string; family: 4 | 6 }[];

/** A URL that must not be asked; trying again cannot help. */
export class Refused extends Error {
  override name = 'Refused';
}

/** What is outside of this is no address of the public Internet (IANA's registry of IPv6 unicast). */
const publicIPv6 = ipaddr.parseCIDR('2000::/3');

/**
 * Looks up where a URL leads, once: a name whose answer changes between the look and the connection
 * (DNS rebinding) gains nothing. Throws Refused, which says why, for private and other special
 * addresses and for plain http, unless NOTIFY_ALLOW names them. A name that has one bad address
 * among good ones is refused.
 */
export async function findAddresses(url: URL, allowed: Allowed): Promise<Found> {
  if (url.username || url.password) {
    throw new Refused('Its URL has a user name or a password, which would be told to every proxy.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isNamed = allowed.hosts.includes(host);
  const found = await lookup(host, { all: true, verbatim: true });
  for (const { address } of found) {
    const parsed = ipaddr.process(address.replace(/%.*$/, ''));
    if (isNamed || isIn(parsed, allowed)) continue;
    const kind = kindOf(parsed);
    if (kind !== null) {
      const where = address === host ? host : `${host} leads to ${address}, which`;
      const why = `is no public address (${kind}), and NOTIFY_ALLOW does not name it`;
      throw new Refused(`${where} ${why}.`);
    }
    if (url.protocol === 'http:') {
      throw new Refused(`Its URL is http; only https is used, unless NOTIFY_ALLOW names ${host}.`);
    }
  }
  return found as Found;
}

/** What kind of special address it is; null for one of the public Internet. */
export function kindOf(address: Address): string | null {
  const range = address.range();
  if (range !== 'unicast') return range;
  return address.kind() === 'ipv4' || address.match(publicIPv6) ? null : 'not assigned';
}

const isIn = (address: Address, { ranges }: Allowed): boolean =>
  ranges.some((range) => address.kind() === range[0].kind() && address.match(range));
