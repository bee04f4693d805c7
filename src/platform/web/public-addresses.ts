import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Whether an IP address is somebody's place on the public internet. Everything with a special use is not (IANA's
 * special-purpose registries, RFC 6890): our own machine and networks, other people's, and forms that hide an IPv4
 * address in an IPv6 one. Of IPv6 only global unicast (2000::/3) is, so that what is assigned later starts as refused.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !SPECIAL_IPV4.check(address, 'ipv4');
  return isIPv6(address) && GLOBAL_UNICAST.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6');
}

/** Two lists, because Node compares an IPv4 address with IPv6 subnets in its mapped form. */
const SPECIAL_IPV4 = subnets('ipv4', [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // a cloud's platform service, on a public address
  '169.254.0.0/16', // link-local, cloud metadata among them
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
]);

const GLOBAL_UNICAST = subnets('ipv6', ['2000::/3']);

/** Within global unicast. Loopback, mapped, NAT64, discard, unique local, link-local and multicast lie outside of it. */
const SPECIAL_IPV6 = subnets('ipv6', [
  '2001::/23', // protocol assignments: Teredo, benchmarking, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, an IPv4 address inside
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
]);

function subnets(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
