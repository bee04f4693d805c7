import { isIP } from 'node:net';
import { networksOf } from '../../platform/web/networks.ts';

/**
 * An address as coarse as a place: the network of 256 addresses (IPv4) or the /48 that one site usually has (IPv6).
 * Undefined where nothing is known. Loopback and other names of no network stay as they are.
 */
export function placeInWords(address: string): string | undefined {
  if (isIP(address) === 4) return address.replace(/\d+$/, 'x');
  if (isIP(address) !== 6) return undefined;
  return address === '::1' ? address : networksOf(address).wide.replace('::/48', '::x');
}
