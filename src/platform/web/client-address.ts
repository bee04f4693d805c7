import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Config } from '../../config.ts';

/**
 * Finds the visitor's address: the peer's, or the entry of `X-Forwarded-For` that the configured proxies vouch for,
 * counted from the right. Everything left of it, and every other forwarded header, is what the visitor says.
 */
export function clientAddresses({ trustProxy }: Config): (req: IncomingMessage) => string {
  const believe = 'hops' in trustProxy ? byHops(trustProxy.hops) : byNetworks(trustProxy.networks);
  return (req) => {
    const peer = canonicalAddress(req.socket.remoteAddress ?? '') ?? 'unknown';
    const forwarded = req.headers['x-forwarded-for'];
    if (forwarded === undefined) return peer;
    const entries = [forwarded].flat().join(',').split(',').map(forwardedAddress);
    return believe([...entries, peer]) ?? peer;
  };
}

/** One spelling per address: IPv4 dotted, IPv6 compressed in lower case, IPv4-mapped IPv6 as IPv4, no zone. */
export function canonicalAddress(raw: string): string | undefined {
  const [address = ''] = raw.split('%', 1);
  const kind = isIP(address);
  if (kind === 4) return address;
  if (kind === 0) return undefined;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped) return canonical;
  const [high, low] = mapped.slice(1).map((word) => Number.parseInt(word, 16)) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Leftmost to rightmost: what the visitor said … what each proxy saw … the peer. */
type Chain = readonly (string | undefined)[];

function byHops(hops: number): (chain: Chain) => string | undefined {
  // A chain shorter than the hops did not come through them all, so nothing in it is vouched for.
  return (chain) => chain.at(-1 - hops);
}

function byNetworks(networks: readonly string[]): (chain: Chain) => string | undefined {
  const trusted = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    trusted.addSubnet(address, Number(prefix ?? (kind === 'ipv6' ? 128 : 32)), kind);
  }
  return (chain) => {
    let believed: string | undefined;
    for (const address of chain.toReversed()) {
      if (address === undefined) return believed;
      believed = address;
      if (!trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return believed;
    }
    return believed;
  };
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function forwardedAddress(entry: string): string | undefined {
  const bare = /^\s*(?:\[([^\]]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+|(.*?))\s*$/.exec(entry);
  return canonicalAddress(bare?.[1] ?? bare?.[2] ?? bare?.[3] ?? '');
}
