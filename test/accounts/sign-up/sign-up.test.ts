import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { normalizeAddress } from '../../../src/accounts/addresses.ts';
import { loadHalfSession, loadSession } from '../../../src/accounts/sessions/sessions.ts';
import {
  findSignUpCode,
  requestSignUp,
  resendSignUpCode,
  sweepSignUps,
  verifySignUp,
} from '../../../src/accounts/sign-up/sign-up.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { countStatements } from '../../support/count-statements.ts';
import { createPerson, PASSWORD } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

const ACTOR = { kind: 'browser' } as const;
const ORIGIN = { userAgent: 'test', address: '127.0.0.1' };

let clock: MovableClock;
let platform: OpenPlatform;
let email: string;
let browser: string;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(() => {
  clock = clockAt();
  email = `${newId()}@example.com`;
  browser = newHandle('browser', clock.now());
});

async function request(input: { email?: string; browser?: string } = {}) {
  const address = normalizeAddress(input.email ?? email);
  if (!address) throw new Error('no address');
  const by = input.browser ?? browser;
  return requestSignUp(platform, ACTOR, {
    address,
    name: 'Anna Berg',
    password: PASSWORD,
    browser: by,
    locale: 'en',
  });
}

async function lettersTo(address: string) {
  const letters = await waitingLetters(platform);
  return letters.filter(({ to }) => to.toLowerCase() === address.toLowerCase());
}

async function codeFor(address: string): Promise<string> {
  const [newest] = await lettersTo(address);
  return /\b\d{8}\b/.exec(newest?.text ?? '')?.[0] ?? '';
}

async function verify(code: string, by = browser) {
  const waiting = await findSignUpCode(platform, by);
  if (!waiting) throw new Error('nobody waits for a code');
  return verifySignUp(platform, ACTOR, { waiting, code, origin: ORIGIN });
}

describe('a sign-up', () => {
  it('makes no account before the code came back, then one with a half session', async () => {
    await request();
    expect(await platform.db.account.count({ where: { emailKey: email } })).toBe(0);
    const outcome = await verify(await codeFor(email));
    if (!outcome.ok) throw new Error(outcome.reason);
    const account = await platform.db.account.findUniqueOrThrow({ where: { emailKey: email } });
    expect(account).toMatchObject({ name: 'Anna Berg', emailVerifiedAt: clock.now(), operator: false });
    expect(await loadHalfSession(platform, outcome.handle.secret)).toMatchObject({ accountId: account.id });
    expect(await loadSession(platform, outcome.handle.secret)).toBeUndefined();
  });

  it('for a known address answers the same, writes its owner, and no code fits', async () => {
    const owner = await createPerson(platform);
    expect(await request({ email: owner.email.toUpperCase() })).toEqual(await request());
    const [letter] = await lettersTo(owner.email);
    expect(letter?.text).toContain('There is one already');
    expect(letter?.text).toContain(`${platform.config.issuer}/sign-in`);
    expect(letter?.text).not.toMatch(/\b\d{8}\b/);
    expect(letter?.text).not.toContain('Anna');
  });

  it('takes the same statements for a known and an unknown address, another letter included', async () => {
    const owner = await createPerson(platform);
    const unknown = await countStatements(platform, () => request());
    expect(await countStatements(platform, () => request({ email: owner.email }))).toEqual(unknown);
    const again = async (to: string) => {
      browser = newHandle('browser', clock.now());
      await request({ email: to });
      const waiting = await findSignUpCode(platform, browser);
      if (!waiting) throw new Error('nobody waits');
      return countStatements(platform, () =>
        resendSignUpCode(platform, ACTOR, { waiting, browser, locale: 'en' }),
      );
    };
    expect(await again(owner.email)).toEqual(await again(email));
  });

  it('leaves the same rows behind for a known and an unknown address', async () => {
    const owner = await createPerson(platform);
    const count = async () => {
      const [codes, signUps, letters, events] = await Promise.all([
        platform.db.mailCode.count(),
        platform.db.signUp.count(),
        platform.db.letter.count(),
        platform.db.auditEvent.count(),
      ]);
      return [codes, signUps, letters, events];
    };
    const before = await count();
    await request();
    const after = await count();
    await request({ email: owner.email });
    const last = await count();
    expect(last.map((n, i) => n - (after[i] ?? 0))).toEqual(after.map((n, i) => n - (before[i] ?? 0)));
  });

  it('of somebody who is not the owner gains nothing: the code works only in the browser that asked', async () => {
    await request();
    const eves = newHandle('browser', clock.now());
    await request({ email: `eve-${email}`, browser: eves });
    expect(await verify(await codeFor(email), eves)).toMatchObject({ ok: false, reason: 'wrong-code' });
  });

  it('creates one account when two browsers prove one address at the same time', async () => {
    const browsers = [browser, newHandle('browser', clock.now())];
    const codes: string[] = [];
    for (const one of browsers) {
      await request({ browser: one });
      codes.push(await codeFor(email));
      clock.forward(1);
    }
    const outcomes = await Promise.all(browsers.map((one, i) => verify(codes[i] ?? '', one)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes).toContainEqual({ ok: false, reason: 'address-taken' });
    expect(await platform.db.account.count({ where: { emailKey: email } })).toBe(1);
  });

  it('creates one account when one code is sent five times at once', async () => {
    await request();
    const code = await codeFor(email);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => verify(code)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await platform.db.browserSession.count({ where: { account: { emailKey: email } } })).toBe(1);
  });

  it('gets a new code that replaces the old one, within a day', async () => {
    await request();
    const old = await codeFor(email);
    clock.forward(23 * 3600);
    const waiting = await findSignUpCode(platform, browser);
    if (!waiting) throw new Error('nobody waits');
    await resendSignUpCode(platform, ACTOR, { waiting, browser, locale: 'en' });
    const code = await codeFor(email);
    if (old !== code) expect(await verify(old)).toMatchObject({ ok: false });
    expect(await verify(code)).toMatchObject({ ok: true });
  });

  it('is worthless after a day, and forgotten', async () => {
    await request();
    clock.forward(24 * 3600 - 60);
    const waiting = await findSignUpCode(platform, browser);
    if (!waiting) throw new Error('nobody waits');
    await resendSignUpCode(platform, ACTOR, { waiting, browser, locale: 'en' });
    clock.forward(60);
    expect(await verify(await codeFor(email))).toEqual({ ok: false, reason: 'no-code' });
    await sweepSignUps(platform);
    expect(await platform.db.signUp.count({ where: { emailKey: email } })).toBe(0);
  });

  it('writes nobody more than five letters an hour, known or not', async () => {
    const owner = await createPerson(platform);
    for (const address of [email, owner.email]) {
      for (let n = 0; n < 5; n += 1) expect(await request({ email: address })).toEqual({ ok: true });
      expect(await request({ email: address })).toMatchObject({ ok: false, reason: 'too-many-letters' });
      expect(await lettersTo(address)).toHaveLength(5);
    }
  });

  it('leaves neither password nor code readable in any table', async () => {
    await request();
    const code = await codeFor(email);
    await verify(code);
    for (const table of [
      'sign_ups',
      'mail_codes',
      'letters',
      'accounts',
      'passwords',
      'browser_sessions',
      'audit_events',
    ]) {
      const { rows } = await platform.pool.query(`SELECT t::text AS row FROM ${table} t`);
      const text = rows.map(({ row }) => row).join('\n');
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(code);
    }
  });
});
