import { expect, it } from 'vitest';
import { skeletonOf } from '../../src/developers/look-alikes.ts';

it.each([
  ['PayPal', 'Pay Pal'],
  ['PayPal', 'PAYPAL'],
  ['PayPal', 'РауРаӏ'],
  ['PayPal', 'Pαypαl'],
  ['PayPal', 'PayPa1'],
  ['PayPal', 'Páy-Pàl!'],
  ['Gatehouse', 'Gateh0use'],
  ['Gatehouse', 'Gatehouѕe'],
  ['Modern', 'Modem'],
  ['Acme Notes', 'ａｃｍｅ ｎｏｔｅｓ'],
  ['Wallet', 'VVallet'],
])('%s and %s look alike', (one, other) => {
  expect(skeletonOf(other)).toBe(skeletonOf(one));
});

it.each([
  ['Acme Notes', 'Acme Votes'],
  ['Planner', 'Planer'],
  ['日本', '日木'],
  ['Notes 2', 'Notes 3'],
])('%s and %s do not', (one, other) => {
  expect(skeletonOf(other)).not.toBe(skeletonOf(one));
});

it('a name of symbols alone still has a skeleton', () => {
  expect(skeletonOf('7')).not.toBe('');
});
