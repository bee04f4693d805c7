import { isIP } from 'node:net';

/** An address and the networks it belongs to, in one spelling each. The unknown is a network of its own. */
export interface Networks {
  /** IPv4: the address. IPv6: its /64, because one device has all of it. */
  readonly address: string;
  /** IPv4: the /24. IPv6: the /48 that one site usually has. */
  readonly network: string;
}

/** `address` in canonical form, as client-address.ts finds it. */
export function networksOf(address: string): Networks {
  const kind = isIP(address);
  if (kind === 4) return { address, network: address.replace(/\d+$/, '0/24') };
  if (kind !== 6) return { address: 'unknown', network: 'unknown' };
  const groups = groupsOf(address);
  return { address: `${groups.slice(0, 4).join(':')}::/64`, network: `${groups.slice(0, 3).join(':')}::/48` };
}

function groupsOf(address: string): string[] {
  const [before = '', after] = address.split('::', 2);
  const head = before.split(':').filter(Boolean);
  const tail = (after ?? '').split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return after === undefined ? head : [...head, ...zeros, ...tail];
}
