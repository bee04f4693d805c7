import { isIP } from 'node:net';

/**
 * An address as coarse as a place: the network of 256 addresses (IPv4) or the /48 that one site usually has (IPv6).
 * Undefined where nothing is known. Loopback and other names of no network stay as they are.
 */
export function placeInWords(address: string): string | undefined {
  if (isIP(address) === 4) return address.replace(/\d+$/, 'x');
  if (isIP(address) !== 6) return undefined;
  if (address === '::1') return address;
  return `${leadingWords(address).join(':')}::x`;
}

/** The first three of the eight words; the address comes in its canonical form, compressed by "::". */
function leadingWords(address: string): string[] {
  const [before = '', after] = address.split('::', 2);
  const head = before.split(':').filter(Boolean);
  const tail = (after ?? '').split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  const words = after === undefined ? head : [...head, ...zeros, ...tail];
  return words.slice(0, 3);
}
