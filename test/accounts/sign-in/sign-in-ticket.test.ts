import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LiveSession } from '../../../src/accounts/sessions/sessions.ts';
import {
  openTicket,
  satisfies,
  sealTicket,
  signInPath,
} from '../../../src/accounts/sign-in/sign-in-ticket.ts';
import { vaultOf } from '../../../src/platform/crypto/vault.ts';
import type { Platform } from '../../../src/platform/platform.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const vault = vaultOf([{ id: 'k1', key: randomBytes(32) }], new Map());

/** A ticket needs the vault and the clock alone. */
function at(now: number): Platform {
  return { vault, clock: { now: () => new Date(now) } } as unknown as Platform;
}

describe('a sign-in ticket', () => {
  const ticket = {
    returnTo: '/interaction/abc',
    title: 'Notes',
    hint: 'anna@example.com',
    freshAfter: 5,
    switchAccount: true,
  };

  it('opens to what was put in', () => {
    const path = signInPath(at(NOON), ticket);
    const value = new URL(path, 'http://localhost').searchParams.get('ticket');
    expect(path).toMatch(/^\/sign-in\?ticket=/);
    expect(openTicket(at(NOON), value)).toEqual(ticket);
  });

  it('works for an hour', () => {
    const value = sealTicket(at(NOON), ticket);
    expect(openTicket(at(NOON + 3599_000), value)).toEqual(ticket);
    expect(openTicket(at(NOON + 3600_000), value)).toBeUndefined();
  });

  it('does not show what it says', () => {
    const value = sealTicket(at(NOON), ticket);
    expect(Buffer.from(value, 'base64url').toString('latin1') + value).not.toContain('anna');
  });

  it.each([
    [undefined],
    [''],
    ['x'],
    [['a', 'b']],
    ['v1.k1.'],
    ['v1.k1.AAAA'],
    ['v1.k2.AAAA'],
    ['v1.k1.😀'],
    ['.'.repeat(20_000)],
  ])('is ignored when it is %j', (value) => {
    expect(openTicket(at(NOON), value)).toBeUndefined();
  });

  it('is ignored when a character was changed', () => {
    const value = sealTicket(at(NOON), ticket);
    for (let i = 6; i < value.length; i += 7) {
      const changed = value.slice(0, i) + (value[i] === 'A' ? 'B' : 'A') + value.slice(i + 1);
      expect(openTicket(at(NOON), changed)).toBeUndefined();
    }
  });

  it.each([['//evil.example'], ['https://evil.example'], ['/\\evil.example'], ['javascript:alert(1)'], ['']])(
    'never leads to %j',
    (returnTo) => {
      expect(openTicket(at(NOON), sealTicket(at(NOON), { returnTo }))).toBeUndefined();
    },
  );
});

describe('a session', () => {
  const session = { authenticatedAt: new Date(NOON) } as LiveSession;

  it.each([
    ['is enough without a ticket', undefined, true],
    ['is enough for a ticket that demands nothing', {}, true],
    ['is enough when it is as fresh as demanded', { freshAfter: NOON - 1 }, true],
    ['is not enough when it is older', { freshAfter: NOON }, false],
    ['is not enough to switch the account', { switchAccount: true }, false],
    [
      'is not enough to switch the account however fresh',
      { switchAccount: true, freshAfter: NOON - 9 },
      false,
    ],
  ])('%s', (_, demands, enough) => {
    expect(satisfies(session, demands && { returnTo: '/account', ...demands }, new Date(NOON + 1000))).toBe(
      enough,
    );
    expect(satisfies(undefined, demands && { returnTo: '/account', ...demands }, new Date(NOON + 1000))).toBe(
      false,
    );
  });
});
