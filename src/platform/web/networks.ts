import { isIPv4 } from 'node:net';

/** What one visitor commands at least, and what an attacker often rents as a whole. */
export interface Networks {
  /** The IPv4 address, or the IPv6 /64, of which every home has one. */
  readonly narrow: string;
  /** The IPv4 /24 or IPv6 /48. */
  readonly wide: string;
}

/** `address` as client-address.ts spells it; anything else is a network of its own. */
export function networksOf(address: string): Networks {
  if (isIPv4(address)) return { narrow: address, wide: `${address.split('.', 3).join('.')}.0/24` };
  if (!address.includes(':')) return { narrow: address, wide: address };
  const [left = '', right] = address.split('::');
  const [before, after] = [left, right ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array<string>(Math.max(0, 8 - (before?.length ?? 0) - (after?.length ?? 0))).fill('0');
  const words = [...(before ?? []), ...(right === undefined ? [] : zeros), ...(after ?? [])];
  return { narrow: `${words.slice(0, 4).join(':')}::/64`, wide: `${words.slice(0, 3).join(':')}::/48` };
}
