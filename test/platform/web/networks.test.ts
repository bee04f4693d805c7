import { expect, it } from 'vitest';
import { networksOf } from '../../../src/platform/web/networks.ts';

it.each([
  ['192.0.2.77', '192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:aa:bb::1', '2001:db8:aa:bb::/64', '2001:db8:aa::/48'],
  ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  // Zeros may be cut away anywhere: what follows them is counted from the end.
  ['2001::1:2:3:4:5:6', '2001:0:1:2::/64', '2001:0:1::/48'],
  ['::1:2:3:4:5:6:7', '0:1:2:3::/64', '0:1:2::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
  ['unknown', 'unknown', 'unknown'],
])('%s is one visitor of %s, in the network %s', (address, narrow, wide) => {
  expect(networksOf(address)).toEqual({ narrow, wide });
});
