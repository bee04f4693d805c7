import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HalfSession, loadHalfSession, loadSession } from '../../../src/accounts/sessions/sessions.ts';
import { proveSecondFactor } from '../../../src/accounts/sign-in/second-factor.ts';
import { type Credentials, nextStep, signIn } from '../../../src/accounts/sign-in/sign-in.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { createPerson, PASSWORD, type Person } from '../../support/people.ts';
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
  anna = await createPerson(platform);
});

function type(input: Partial<Credentials> = {}) {
  const origin = { userAgent: 'test', address: '127.0.0.1' };
  return signIn(platform, ACTOR, {
    emailKey: anna.email,
    password: PASSWORD,
    browser: undefined,
    origin,
    ...input,
  });
}

async function halfSession(input: Partial<Credentials> = {}) {
  const outcome = await type(input);
  if (!outcome.ok) throw new Error(outcome.reason);
  const half = await loadHalfSession(platform, outcome.handle.secret);
  if (!half) throw new Error('no half session');
  return { half, handle: outcome.handle.secret };
}

async function prove(code: string, input: Partial<Credentials> = {}) {
  const { half } = await halfSession(input);
  return proveSecondFactor(platform, ACTOR, { half, code, browser: input.browser, previous: undefined });
}

async function eventsSince(count: number) {
  const events = await platform.db.auditEvent.findMany({ orderBy: { id: 'asc' }, skip: count });
  return events.map(({ action }) => action);
}

describe('the first factor', () => {
  it('begins a half session and nothing more', async () => {
    const { half, handle } = await halfSession();
    expect(half.accountId).toBe(anna.id);
    expect(await loadSession(platform, handle)).toBeUndefined();
    clock.forward(15 * 60);
    expect(await loadHalfSession(platform, handle)).toBeUndefined();
  });

  it('gets the same answer, the same lockout and the same audit for a wrong password and an unknown address', async () => {
    const nobody = `${newId()}@example.com`;
    const outcomes = [];
    for (const emailKey of [anna.email, nobody]) {
      const answers = [];
      const before = await platform.db.auditEvent.count();
      for (let n = 0; n < 7; n += 1) answers.push(await type({ emailKey, password: 'wrong wrong' }));
      outcomes.push({ answers, events: await eventsSince(before) });
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]?.answers[4]).toEqual({ ok: false, reason: 'wrong-credentials' });
    expect(outcomes[0]?.answers[5]).toEqual({ ok: false, reason: 'too-many-tries', retryAfterSeconds: 1 });
  });

  it('is refused during a delay even with the right password', async () => {
    for (let n = 0; n < 5; n += 1) await type({ password: 'wrong wrong' });
    expect(await type()).toMatchObject({ ok: false, reason: 'too-many-tries' });
    clock.forward(1);
    expect(await type()).toMatchObject({ ok: true });
  });

  it('has its hash made anew when the parameters have grown', async () => {
    const secret = platform.vault.secret('password-pepper');
    const phc = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, secret });
    await platform.db.password.update({ where: { accountId: anna.id }, data: { phc } });
    const before = await platform.db.auditEvent.count();
    expect(await type()).toMatchObject({ ok: true });
    expect(await eventsSince(before)).toEqual(['password.rehashed', 'browser-session.started']);
    const stored = await platform.db.password.findUniqueOrThrow({ where: { accountId: anna.id } });
    expect(stored.phc).toContain('$m=65536,t=3,p=1$');
    expect(await type()).toMatchObject({ ok: true });
  });

  it.each([
    [{ verified: false, totp: false }, 'verification'],
    [{ verified: false, totp: true }, 'verification'],
    [{ verified: true, totp: false }, 'authenticator'],
    [{ verified: true, totp: true }, 'second-factor'],
  ] as const)('of an account with %j leads to %s', async (input, step) => {
    const person = await createPerson(platform, input);
    const outcome = await type({ emailKey: person.email });
    expect(outcome.ok && nextStep(outcome.standing)).toBe(step);
  });
});

describe('the second factor', () => {
  it('completes the session under a new handle', async () => {
    const { half, handle } = await halfSession();
    const code = anna.code();
    const outcome = await proveSecondFactor(platform, ACTOR, {
      half,
      code,
      browser: undefined,
      previous: undefined,
    });
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.handle.secret).not.toBe(handle);
    expect(await loadSession(platform, handle)).toBeUndefined();
    expect(await loadHalfSession(platform, handle)).toBeUndefined();
    expect(await loadSession(platform, outcome.handle.secret)).toEqual({
      id: half.id,
      accountId: anna.id,
      authenticatedAt: clock.now(),
      acr: 'aal2',
      amr: ['pwd', 'otp', 'mfa'],
      expiresAt: new Date(clock.now().getTime() + 30 * 86_400_000),
    });
  });

  it('lets one of fifty half sessions in that send one code at the same time', async () => {
    const halves: HalfSession[] = [];
    for (let n = 0; n < 5; n += 1) halves.push((await halfSession()).half);
    const code = anna.code();
    const tries = Array.from({ length: 50 }, (_, n) => {
      const half = halves[n % 5];
      if (!half) throw new Error('no half session');
      return proveSecondFactor(platform, ACTOR, { half, code, browser: undefined, previous: undefined });
    });
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await platform.db.browserSession.count({ where: { accountId: anna.id, acr: 'aal2' } })).toBe(1);
  });

  it('is counted over all sessions, and signing in with the password again wins no tries', async () => {
    for (let n = 0; n < 5; n += 1)
      expect(await prove('000000')).toMatchObject({ ok: false, reason: 'wrong-code' });
    expect(await prove(anna.code())).toEqual({ ok: false, reason: 'too-many-tries', retryAfterSeconds: 1 });
  });

  it('does not spend the tries of the password', async () => {
    for (let n = 0; n < 6; n += 1) await prove('000000');
    expect(await type()).toMatchObject({ ok: true });
  });

  it('refuses a used code without counting it as a guess', async () => {
    const code = anna.code();
    expect(await prove(code)).toMatchObject({ ok: true });
    for (let n = 0; n < 10; n += 1) expect(await prove(code)).toEqual({ ok: false, reason: 'used-code' });
  });

  it('makes the browser known, so that the guesses of strangers no longer hold it up', async () => {
    const first = await prove(anna.code());
    const browser = first.ok ? first.browser?.secret : undefined;
    for (let n = 0; n < 6; n += 1) await prove('000000');
    for (let n = 0; n < 6; n += 1) await type({ password: 'wrong wrong' });
    clock.forward(30);
    for (let n = 0; n < 9; n += 1) await type({ password: 'wrong wrong' });
    expect(await type()).toMatchObject({ ok: false, reason: 'too-many-tries' });
    expect(await prove(anna.code(), { browser })).toMatchObject({ ok: true, browser: undefined });
  });

  it('does not make a browser known for its password alone', async () => {
    const browser = newHandle('browser', clock.now());
    for (let n = 0; n < 3; n += 1) await type({ browser });
    expect(await platform.db.knownBrowser.count({ where: { accountId: anna.id } })).toBe(0);
  });

  it('does not complete a half session that has run out', async () => {
    const { half } = await halfSession();
    clock.forward(15 * 60);
    const outcome = proveSecondFactor(platform, ACTOR, {
      half,
      code: anna.code(),
      browser: undefined,
      previous: undefined,
    });
    expect(await outcome).toEqual({ ok: false, reason: 'session-over' });
  });

  it('leaves one audit entry for each thing that happened', async () => {
    const before = await platform.db.auditEvent.count();
    await prove('000000');
    await prove(anna.code());
    expect(await eventsSince(before)).toEqual([
      'browser-session.started',
      'second-factor.failed',
      'browser-session.started',
      'browser-session.completed',
    ]);
  });
});
