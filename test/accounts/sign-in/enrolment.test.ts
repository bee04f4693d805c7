import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type HalfSession,
  loadHalfSession,
  loadSession,
  startSession,
} from '../../../src/accounts/sessions/sessions.ts';
import { confirmEnrolment, offerSeed } from '../../../src/accounts/sign-in/enrolment.ts';
import { proveSecondFactor } from '../../../src/accounts/sign-in/second-factor.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { codeAt, createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const ACTOR = { kind: 'browser' } as const;

let clock: MovableClock;
let platform: OpenPlatform;
let anna: Person;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  anna = await createPerson(platform, { totp: false });
});

async function startHalf(accountId = anna.id): Promise<HalfSession> {
  const origin = { userAgent: 'test', address: '127.0.0.1' };
  const { secret } = await startSession(platform, ACTOR, { accountId, origin });
  const half = await loadHalfSession(platform, secret);
  if (!half) throw new Error('no half session');
  return half;
}

async function seedFor(half: HalfSession): Promise<string> {
  const offered = await offerSeed(platform, ACTOR, half);
  if (!offered.ok) throw new Error(offered.reason);
  return offered.seed;
}

function confirm(half: HalfSession, code: string) {
  return confirmEnrolment(platform, ACTOR, { half, code, browser: undefined, previous: undefined });
}

describe('an authenticator that is being set up', () => {
  it('has one seed for its half session, whatever the tab, and another for every other session', async () => {
    const [one, other] = [await startHalf(), await startHalf()];
    const tabs = await Promise.all(Array.from({ length: 10 }, () => seedFor(one)));
    expect(new Set(tabs).size).toBe(1);
    expect(tabs[0]).toMatch(/^[A-Z2-7]{32}$/);
    expect(await seedFor(other)).not.toBe(tabs[0]);
  });

  it('is no second factor before it was confirmed', async () => {
    const half = await startHalf();
    const code = codeAt(await seedFor(half), clock.now());
    const outcome = await proveSecondFactor(platform, ACTOR, {
      half,
      code,
      browser: undefined,
      previous: undefined,
    });
    expect(outcome).toMatchObject({ ok: false, reason: 'wrong-code' });
  });

  it('becomes active with one code, completes the session and is not shown again', async () => {
    const half = await startHalf();
    const seed = await seedFor(half);
    expect(await confirm(half, '000000')).toEqual({ ok: false, reason: 'wrong-code' });
    expect(await seedFor(half)).toBe(seed);
    const outcome = await confirm(half, codeAt(seed, clock.now()));
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(await loadSession(platform, outcome.handle.secret)).toMatchObject({
      accountId: anna.id,
      acr: 'aal2',
    });
    expect(await offerSeed(platform, ACTOR, half)).toEqual({ ok: false, reason: 'not-due' });
  });

  it('has its first code spent by being set up', async () => {
    const half = await startHalf();
    const code = codeAt(await seedFor(half), clock.now());
    await confirm(half, code);
    const again = { half: await startHalf(), code, browser: undefined, previous: undefined };
    expect(await proveSecondFactor(platform, ACTOR, again)).toMatchObject({ ok: false, reason: 'used-code' });
  });

  it('is the only one when two sessions set one up at the same time', async () => {
    const halves = [await startHalf(), await startHalf(), await startHalf()];
    const codes: string[] = [];
    for (const half of halves) codes.push(codeAt(await seedFor(half), clock.now()));
    const outcomes = await Promise.all(halves.map((half, i) => confirm(half, codes[i] ?? '')));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await platform.db.totpDevice.count({ where: { accountId: anna.id } })).toBe(1);
  });

  it.each([
    ['has one already', { totp: true }],
    ['has not proven its address', { totp: false, verified: false }],
  ])('is refused to an account that %s', async (_, input) => {
    const person = await createPerson(platform, input);
    const half = await startHalf(person.id);
    expect(await offerSeed(platform, ACTOR, half)).toEqual({ ok: false, reason: 'not-due' });
    expect(await confirm(half, '000000')).toEqual({ ok: false, reason: 'not-due' });
  });

  it('changes nothing when its half session has run out', async () => {
    const half = await startHalf();
    const code = codeAt(await seedFor(half), clock.now());
    clock.forward(15 * 60);
    const late = codeAt(await seedFor(half), clock.now());
    expect(code).not.toBe(late);
    expect(await confirm(half, late)).toEqual({ ok: false, reason: 'session-over' });
    expect(
      await platform.db.totpDevice.count({ where: { accountId: anna.id, confirmedAt: { not: null } } }),
    ).toBe(0);
  });
});
