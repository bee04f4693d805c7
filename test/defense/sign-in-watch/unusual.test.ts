import { describe, expect, it } from 'vitest';
import { networksOf } from '../../../src/platform/web/networks.ts';
import { watchPasswords } from '../../../src/defense/sign-in-watch/password-prefixes.ts';
import { isUnusual, usualOf } from '../../../src/defense/sign-in-watch/unusual.ts';
import { strangersWait } from '../../../src/defense/sign-in-watch/waits.ts';

const FLOOR = { slack: 10, news: 30 };
const minutes = (count: number, each: number) => Array<number>(count).fill(each);

describe('what is unusual', () => {
  it.each([
    ['nothing at all', minutes(15, 0), 0, false],
    ['a few failures an hour at a small installation', [...minutes(14, 1), 8], 0.1, false],
    ['twice the usual at a large one', minutes(15, 200), 100, false],
    ['one minute of three times the usual', [...minutes(13, 100), 300, 100], 100, false],
    ['forty failures in the minute that has begun', [...minutes(14, 0), 40], 0, true],
    ['fifteen a minute, which add up', minutes(15, 15), 0.5, true],
    ['three times the usual for minutes', [...minutes(10, 100), ...minutes(5, 320)], 100, true],
    ['what stopped three minutes ago', [...minutes(11, 0), 500, 0, 0, 0], 0, false],
  ])('%s', (_, series, usual, unusual) => {
    expect(isUnusual(series, usual, FLOOR)).toBe(unusual);
  });

  it('is measured by a mean that one attack does not raise', () => {
    expect(usualOf([])).toBe(0);
    expect(usualOf(minutes(100, 3))).toBe(3);
    expect(usualOf([...minutes(1400, 3), ...minutes(40, 5000)])).toBeLessThan(4);
  });
});

describe('the wait of a stranger', () => {
  it.each([
    [false, 0, 0],
    [false, 29, 0],
    [false, 30, 300],
    [false, 32, 1200],
    [true, 0, 20],
    [true, 1, 300],
    [true, 2, 600],
    [true, 9, 14_400],
    [true, 5000, 14_400],
  ])('campaign %s, %i other accounts: %i seconds', (campaign, others, seconds) => {
    expect(strangersWait({ campaign, others })).toBe(seconds);
  });
});

describe('the networks of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['::1', '0:0:0:0::/64', '0:0:0::/48'],
    ['unknown', 'unknown', 'unknown'],
  ])('%s', (address, narrow, wide) => {
    expect(networksOf(address)).toEqual({ narrow, wide });
  });
});

describe('one password at many accounts', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 12, minute));

  it('adds up beyond what chance explains, each account once', () => {
    const watched = watchPasswords();
    const growth = Array.from({ length: 20 }, (_, n) => watched.note('autumn 2026', `account ${n}`, at(0)));
    expect(growth).toEqual([0, 0, 0, ...Array(17).fill(1)]);
    expect(watched.note('autumn 2026', 'account 1', at(0))).toBe(0);
  });

  it('does not show among passwords that are all different, or that one account tries', () => {
    const watched = watchPasswords();
    const growth = Array.from(
      { length: 2000 },
      (_, n) =>
        watched.note(`password ${n}`, `account ${n}`, at(0)) +
        watched.note(`guess ${n}`, 'one account', at(0)),
    );
    expect(growth.reduce((sum, by) => sum + by, 0)).toBeLessThan(5);
  });

  it('is forgotten after twenty minutes', () => {
    const watched = watchPasswords();
    for (let n = 0; n < 8; n += 1) watched.note('autumn 2026', `account ${n}`, at(0));
    expect(watched.note('autumn 2026', 'account 8', at(11))).toBe(6);
    expect(watched.note('autumn 2026', 'account 9', at(40))).toBe(0);
  });
});
