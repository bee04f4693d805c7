import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { TrustProxy } from '../../../src/config.ts';
import { canonicalAddress, clientAddresses } from '../../../src/platform/web/client-address.ts';
import { answering, bareApp, bareConfig } from './bare-app.ts';

function addressOf(trustProxy: TrustProxy, peer: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const req = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
  return clientAddresses(bareConfig({ trustProxy }))(req);
}

describe('the visitor’s address', () => {
  it.each<[why: string, TrustProxy, peer: string, forwarded: string | undefined, address: string]>([
    ['nobody is believed by default', { hops: 0 }, '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['a proxy without the header is the visitor', { hops: 1 }, '10.0.0.1', undefined, '10.0.0.1'],
    ['one proxy vouches for one entry', { hops: 1 }, '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['what the visitor wrote stays left', { hops: 1 }, '10.0.0.1', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
    ['two proxies', { hops: 2 }, '10.0.0.1', '1.1.1.1, 198.51.100.7, 10.0.0.2', '198.51.100.7'],
    ['a chain shorter than the hops is not believed', { hops: 2 }, '203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['what is no address is not believed', { hops: 1 }, '10.0.0.1', '1.1.1.1, unknown', '10.0.0.1'],
    ['a port is not part of it', { hops: 1 }, '10.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['brackets are not part of it', { hops: 1 }, '10.0.0.1', '[2001:DB8::1]:4711', '2001:db8::1'],
    [
      'a peer outside the networks is the visitor',
      { networks: ['10.0.0.0/8'] },
      '192.0.2.1',
      '1.1.1.1',
      '192.0.2.1',
    ],
    ['a peer inside vouches', { networks: ['10.0.0.0/8'] }, '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    [
      'an IPv4 peer on an IPv6 socket too',
      { networks: ['10.0.0.0/8'] },
      '::ffff:10.1.2.3',
      '198.51.100.7',
      '198.51.100.7',
    ],
    [
      'the first from the right outside them',
      { networks: ['10.0.0.0/8', '192.168.1.7'] },
      '10.1.2.3',
      '1.1.1.1, 198.51.100.7, 192.168.1.7',
      '198.51.100.7',
    ],
    ['single addresses are exact', { networks: ['192.168.1.7'] }, '192.168.1.8', '1.1.1.1', '192.168.1.8'],
    ['all inside: the farthest', { networks: ['10.0.0.0/8'] }, '10.1.2.3', '10.9.9.9', '10.9.9.9'],
    [
      'nonsense ends the chain',
      { networks: ['10.0.0.0/8'] },
      '10.1.2.3',
      '1.1.1.1, nonsense, 10.9.9.9',
      '10.9.9.9',
    ],
    ['an IPv4 address written as IPv6', { hops: 1 }, '10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
    ['the same with a port', { hops: 1 }, '10.0.0.1', '[::ffff:c633:6407]:443', '198.51.100.7'],
    ['a zone is not part of it', { hops: 1 }, 'fe80::2%eth0', 'fe80::1%25eth0', 'fe80::1'],
    [
      'a zone of the visitor’s own making',
      { hops: 1 },
      '10.0.0.1',
      '2001:db8::1%1, 2001:db8::1%2',
      '2001:db8::1',
    ],
    ['spaces and tabs', { hops: 1 }, '10.0.0.1', ' \t198.51.100.7\t ', '198.51.100.7'],
    ['an empty entry is none', { hops: 1 }, '10.0.0.1', '198.51.100.7,', '10.0.0.1'],
    ['nothing but commas', { hops: 2 }, '10.0.0.1', ',,,', '10.0.0.1'],
    ['an empty header', { hops: 1 }, '10.0.0.1', '', '10.0.0.1'],
    ['numbers that only some parsers read', { hops: 1 }, '10.0.0.1', '0x7f000001', '10.0.0.1'],
    ['octal numbers', { hops: 1 }, '10.0.0.1', '0177.0.0.1', '10.0.0.1'],
    ['a name', { hops: 1 }, '10.0.0.1', 'localhost', '10.0.0.1'],
    ['two addresses in one entry', { hops: 1 }, '10.0.0.1', '198.51.100.7 1.1.1.1', '10.0.0.1'],
    [
      'an IPv6 address without brackets keeps its last word',
      { hops: 1 },
      '10.0.0.1',
      '2001:db8::1:4711',
      '2001:db8::1:4711',
    ],
    ['a broken bracket', { hops: 1 }, '10.0.0.1', '[2001:db8::1', '10.0.0.1'],
    ['markup', { hops: 1 }, '10.0.0.1', '<script>', '10.0.0.1'],
    ['a very long entry', { hops: 1 }, '10.0.0.1', '1'.repeat(8_000), '10.0.0.1'],
    ['IPv6 networks', { networks: ['2001:db8::/32'] }, '2001:db8::5', '2001:db9::1', '2001:db9::1'],
  ])('%s', (_why, trustProxy, peer, forwarded, address) => {
    expect(addressOf(trustProxy, peer, forwarded)).toBe(address);
  });

  it('is told by no other header, whatever the proxies are', () => {
    const headers = {
      forwarded: 'for=198.51.100.7',
      'x-real-ip': '198.51.100.7',
      'x-client-ip': '198.51.100.7',
      'true-client-ip': '198.51.100.7',
      'cf-connecting-ip': '198.51.100.7',
      'x-forwarded': 'for=198.51.100.7',
    };
    const req = { socket: { remoteAddress: '10.0.0.1' }, headers } as unknown as IncomingMessage;
    for (const trustProxy of [{ hops: 0 }, { hops: 1 }, { networks: ['10.0.0.0/8'] }] as const)
      expect(clientAddresses(bareConfig({ trustProxy }))(req)).toBe('10.0.0.1');
  });

  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['2001:0DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['', undefined],
    ['unknown', undefined],
    ['1.2.3', undefined],
    ['0x7f.0.0.1', undefined],
    ['127.0.0.01', undefined],
  ])('%s is spelled %s', (raw, canonical) => {
    expect(canonicalAddress(raw)).toBe(canonical);
  });

  it('reaches the handlers of a request', async () => {
    await using app = await bareApp([answering((ctx) => `${ctx.state.address} ${ctx.ip}`)], {
      trustProxy: { hops: 1 },
    });
    expect((await app.ask('/')).body).toBe('127.0.0.1 127.0.0.1');
    const forwarded = { 'x-forwarded-for': '1.1.1.1, 198.51.100.7' };
    expect((await app.ask('/', { headers: forwarded })).body).toBe('198.51.100.7 198.51.100.7');
  });
});
