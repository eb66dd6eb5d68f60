import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/** The bridge that an engine's containers are on. */
export type EngineNetwork = {
  bridge: string;
  /** Addresses from which the engine takes further networks. */
  pool: string;
  notes: string[];
};

/**
 * Makes a bridge with an address range that nothing on this machine uses, and lets its containers
 * reach the outside. The bridge and every rule carry `tag`, by which `removeNetwork` finds them.
 */
export const makeNetwork = async (tag: string): Promise<EngineNetwork> => {
  const second = await unusedRange(tag);
  await execa('ip', ['link', 'add', tag, 'type', 'bridge']);
  await execa('ip', ['address', 'add', `10.${second}.0.1/24`, 'dev', tag]);
  await execa('ip', ['link', 'set', tag, 'up']);
  const notes = await addRules(tag, `10.${second}.0.0/16`);
  return { bridge: tag, pool: `10.${second}.128.0/17`, notes };
};

/** Removes what `makeNetwork` made under this tag, now or in an earlier run. */
export const removeNetwork = async (tag: string): Promise<void> => {
  await execa('ip', ['link', 'delete', tag], { reject: false });
  for (const [table, chain] of chains) {
    const listed = await iptables(['-t', table, '-S', chain], false);
    for (const rule of listed.split('\n').filter((line) => line.includes(` ${tag} `))) {
      await iptables(['-t', table, ...rule.replace(/^-A/, '-D').split(' ')], false);
    }
  }
};

const chains = [
  ['nat', 'POSTROUTING'],
  ['filter', 'FORWARD'],
] as const;

// First in their chains: other engines and firewalls often end theirs with a refusal.
const addRules = async (tag: string, range: string): Promise<string[]> => {
  const mark = ['-m', 'comment', '--comment', tag];
  const outside = ['-s', range, '!', '-d', range, ...mark];
  const answers = ['-d', range, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', ...mark];
  try {
    await iptables(['-t', 'nat', '-I', 'POSTROUTING', ...outside, '-j', 'MASQUERADE']);
    await iptables(['-I', 'FORWARD', '-s', range, ...mark, '-j', 'ACCEPT']);
    await iptables(['-I', 'FORWARD', ...answers, '-j', 'ACCEPT']);
    return [];
  } catch (error) {
    const why = (error as { stderr?: string }).stderr?.split('\n')[0] || String(error);
    return [`iptables does not work here (${why}), so builds reach nothing beyond this machine.`];
  }
};

const iptables = async (args: readonly string[], reject = true): Promise<string> =>
  (await execa('iptables', ['--wait', '10', ...args], { reject })).stdout ?? '';

// One of 10.64.0.0/16 … 10.255.0.0/16 without a route of this machine in it. The tag decides where
// the search begins, so that two engines that start together do not find the same one.
const unusedRange = async (tag: string): Promise<number> => {
  const routes = (await readFile('/proc/net/route', 'utf8')).split('\n').slice(1);
  const used = new Set(routes.map((line) => line.split('\t')[1] ?? '').map(secondOfTen));
  const first = Number.parseInt(tag.slice(-4), 16);
  const range = Array.from({ length: 192 }, (_, i) => 64 + ((first + i) % 192));
  const unused = range.find((second) => !used.has(second));
  if (unused === undefined) throw new Error('All of 10.64.0.0 to 10.255.0.0 is routed already.');
  return unused;
};

// The kernel writes an address as a little-endian hexadecimal number: 10.210.0.0 is 0000D20A.
const secondOfTen = (destination: string): number =>
  destination.endsWith('0A') ? Number.parseInt(destination.slice(4, 6), 16) : -1;
