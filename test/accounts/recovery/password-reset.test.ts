import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { normalizeAddress } from '../../../src/accounts/addresses.ts';
import { replacePassword } from '../../../src/accounts/area/password-change.ts';
import { hashPassword } from '../../../src/accounts/credentials/password.ts';
import {
  completePasswordReset,
  findProvenReset,
  findResetCode,
  proveResetCode,
  requestPasswordReset,
  sweepPasswordResets,
} from '../../../src/accounts/recovery/password-reset.ts';
import { shutEverybodyOut } from '../../../src/accounts/recovery/shut-out.ts';
import { loadHalfSession, startSession } from '../../../src/accounts/sessions/sessions.ts';
import { signIn } from '../../../src/accounts/sign-in/sign-in.ts';
import { noteKnownBrowser } from '../../../src/defense/known-browsers.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { countStatements } from '../../support/count-statements.ts';
import { untilSomebodyWaits } from '../../support/locks.ts';
import { createPerson, PASSWORD, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { PATIENCE } from '../../support/patience.ts';

const ACTOR = { kind: 'browser' } as const;
const ORIGIN = { userAgent: 'test', address: '127.0.0.1' };
const NEW = 'amber lantern over gravel';

let clock: MovableClock;
let platform: OpenPlatform;
let person: Person;
let browser: string;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  person = await createPerson(platform);
  browser = newHandle('browser', clock.now());
});

async function request(email = person.email, by = browser) {
  const address = normalizeAddress(email);
  if (!address) throw new Error('no address');
  return requestPasswordReset(platform, ACTOR, { address, browser: by, locale: 'en' });
}

async function lettersTo(email: string) {
  return (await waitingLetters(platform)).filter(({ to }) => to === email);
}

async function codeFor(email = person.email): Promise<string> {
  const letters = await lettersTo(email);
  return letters.map(({ text }) => /\b\d{8}\b/.exec(text)?.[0]).find(Boolean) ?? '';
}

async function type(code: string, by = browser) {
  const waiting = await findResetCode(platform, by);
  if (!waiting) throw new Error('nobody waits for a code');
  return proveResetCode(platform, ACTOR, { waiting, browser: by, code });
}

async function proven(by = browser) {
  const outcome = await type(await codeFor(), by);
  if (!outcome.ok) throw new Error(outcome.reason);
  const handle = outcome.handle.secret;
  const reset = await findProvenReset(platform, { handle, browser: by });
  if (!reset) throw new Error('no reset');
  return { handle, reset };
}

async function reset(password = NEW) {
  await request();
  const { reset } = await proven();
  return completePasswordReset(platform, ACTOR, { reset, password });
}

const enter = (password: string) =>
  signIn(platform, ACTOR, { emailKey: person.email, password, browser: undefined, origin: ORIGIN });

describe('a password reset', () => {
  it('replaces the password, and the second factor is still asked for', async () => {
    expect(await reset()).toBe(true);
    expect(await enter(PASSWORD)).toMatchObject({ ok: false });
    const outcome = await enter(NEW);
    if (!outcome.ok) throw new Error(outcome.reason);
    expect(outcome.standing.hasSecondFactor).toBe(true);
    expect(await loadHalfSession(platform, outcome.handle.secret)).toBeDefined();
    expect(
      await platform.db.browserSession.count({ where: { accountId: person.id, completedAt: { not: null } } }),
    ).toBe(0);
  });

  it('ends sessions and sign-ins under way, and forgets known and trusted browsers', async () => {
    const accountId = person.id;
    const half = await startSession(platform, ACTOR, { accountId, origin: ORIGIN });
    const now = clock.now();
    await platform.db.knownBrowser.create({
      data: { digest: Buffer.alloc(32, 1), accountId, nextAllowedAt: now, createdAt: now, lastUsedAt: now },
    });
    await platform.db.trustedBrowser.create({
      data: {
        ...{ id: crypto.randomUUID(), accountId, digest: Buffer.alloc(32, 2), userAgent: 'x' },
        ...{ createdAt: now, rotatedAt: now, expiresAt: new Date(now.getTime() + 1e9) },
      },
    });
    await reset();
    expect(await loadHalfSession(platform, half.secret)).toBeUndefined();
    expect(await platform.db.browserSession.count({ where: { accountId, endedAt: null } })).toBe(0);
    expect(await platform.db.knownBrowser.count({ where: { accountId } })).toBe(0);
    expect(await platform.db.trustedBrowser.count({ where: { accountId } })).toBe(0);
  });

  it('ends what apps hold, for while their person is away too (P13)', async () => {
    const now = clock.now();
    const grant = {
      id: crypto.randomUUID(),
      accountId: person.id,
      clientId: 'app_22222222222222222222',
      payload: {},
    };
    const expiresAt = new Date(now.getTime() + 86_400_000);
    await platform.db.grant.create({ data: { ...grant, endsWithSession: false, createdAt: now, expiresAt } });
    await reset();
    expect((await platform.db.grant.findUnique({ where: { id: grant.id } }))?.revokedAt).toBeInstanceOf(Date);
  });

  it('tells the owner and records it without a secret', async () => {
    await reset();
    const letters = await lettersTo(person.email);
    expect(letters[0]?.subject).toBe('Your Gatehouse password was changed');
    const events = await platform.db.auditEvent.findMany({ where: { targetId: person.id } });
    expect(events.map(({ action }) => action)).toContain('password-reset.completed');
    expect(JSON.stringify(events)).not.toContain(NEW);
  });

  it('works once', async () => {
    await request();
    const { handle, reset } = await proven();
    const outcomes = await Promise.all(
      [NEW, `${NEW} two`, `${NEW} three`].map((password) =>
        completePasswordReset(platform, ACTOR, { reset, password }),
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await findProvenReset(platform, { handle, browser })).toBeUndefined();
  });

  it('belongs to the browser that typed the code', async () => {
    await request();
    const { handle } = await proven();
    const other = newHandle('browser', clock.now());
    expect(await findProvenReset(platform, { handle, browser: other })).toBeUndefined();
    expect(await findProvenReset(platform, { handle, browser: undefined })).toBeUndefined();
    expect(await findProvenReset(platform, { handle: other, browser })).toBeUndefined();
  });

  it('is over after a quarter of an hour, and swept', async () => {
    await request();
    const { handle, reset } = await proven();
    clock.forward(15 * 60);
    expect(await findProvenReset(platform, { handle, browser })).toBeUndefined();
    expect(await completePasswordReset(platform, ACTOR, { reset, password: NEW })).toBe(false);
    expect(await enter(PASSWORD)).toMatchObject({ ok: true });
    await sweepPasswordResets(platform);
    expect(await platform.db.passwordReset.count({ where: { accountId: person.id } })).toBe(0);
  });

  it('voids every other one that is under way', async () => {
    const [second, third] = [newHandle('browser', clock.now()), newHandle('browser', clock.now())];
    await request(person.email, second);
    clock.forward(1);
    const other = await proven(second);
    await request(person.email, third);
    const thirdCode = await codeFor();
    clock.forward(1);
    await reset();
    expect(await completePasswordReset(platform, ACTOR, { reset: other.reset, password: `${NEW} two` })).toBe(
      false,
    );
    expect(await type(thirdCode, third)).toEqual({ ok: false, reason: 'no-code' });
  });

  it('voids one whose code is being proven at the same moment', async () => {
    const late = newHandle('browser', clock.now());
    await request(person.email, late);
    const lateCode = await codeFor();
    clock.forward(1);
    await request();
    const { reset: mine } = await proven();
    const waiting = await findResetCode(platform, late);
    if (!waiting) throw new Error('nobody waits for a code');
    let completing: Promise<boolean> | undefined;
    const proof = await inTransaction(platform, async (tx) => {
      const outcome = await proveResetCode(tx, ACTOR, { waiting, browser: late, code: lateCode });
      completing = completePasswordReset(platform, ACTOR, { reset: mine, password: NEW });
      await untilSomebodyWaits(platform);
      return outcome;
    });
    expect(await completing).toBe(true);
    const handle = proof.ok ? proof.handle.secret : undefined;
    expect(handle).toBeDefined();
    expect(await findProvenReset(platform, { handle, browser: late })).toBeUndefined();
  });

  it('is not stopped by a sign-in on a known browser at the same moment', async () => {
    const noted = await noteKnownBrowser(platform, { accountId: person.id, browser: undefined });
    await request();
    const { reset: mine } = await proven();
    const credentials = { emailKey: person.email, password: PASSWORD, origin: ORIGIN };
    let entering: ReturnType<typeof signIn> | undefined;
    await inTransaction(platform, async (tx) => {
      await replacePassword(tx, { accountId: person.id, phc: '$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA' });
      entering = signIn(platform, ACTOR, { ...credentials, browser: noted?.secret });
      await untilSomebodyWaits(platform);
      await shutEverybodyOut(tx, ACTOR, person.id);
    });
    expect(await entering).toEqual({ ok: false, reason: 'wrong-credentials' });
    expect(await platform.db.knownBrowser.count({ where: { accountId: person.id } })).toBe(0);
    expect(await completePasswordReset(platform, ACTOR, { reset: mine, password: NEW })).toBe(false);
  });

  it('proves the address along the way', async () => {
    person = await createPerson(platform, { verified: false });
    await reset();
    const account = await platform.db.account.findUniqueOrThrow({ where: { id: person.id } });
    expect(account.emailVerifiedAt).toEqual(clock.now());
  });

  it('leaves no way in for a sign-in that read the old password before it', async () => {
    // Others are hashed first, so that the sign-in has read the password but not yet compared it.
    const others = Array.from({ length: 12 }, () => hashPassword(platform, PASSWORD));
    const before = await platform.db.loginFailure.count();
    const entering = enter(PASSWORD);
    await vi.waitFor(async () => expect(await platform.db.loginFailure.count()).toBe(before + 1), PATIENCE);
    await replacePassword(platform, {
      accountId: person.id,
      phc: '$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA',
    });
    expect(await entering).toEqual({ ok: false, reason: 'wrong-credentials' });
    await Promise.all(others);
  });
});

describe('for an address without an account', () => {
  it('the answer is the same, the letter says so, and no code fits', async () => {
    const nobody = `nobody-${person.email}`;
    expect(await request(nobody)).toEqual(await request());
    const [letter] = await lettersTo(nobody);
    expect(letter?.subject).toBe('There is no Gatehouse account with this address');
    expect(letter?.text).not.toMatch(/\b\d{8}\b/);
    await request(nobody);
    for (const triesLeft of [4, 3, 2, 1, 0])
      expect(await type('12345678')).toEqual({ ok: false, reason: 'wrong-code', triesLeft });
    const recorded = () => platform.db.auditEvent.count({ where: { action: 'mail-code.failed' } });
    const before = await recorded();
    expect(await type('12345678')).toEqual({ ok: false, reason: 'no-code' });
    expect(await recorded()).toBe(before);
  });

  it('letters are limited alike', async () => {
    const nobody = `nobody-${person.email}`;
    for (const email of [nobody, person.email]) {
      for (let n = 0; n < 5; n += 1) expect(await request(email)).toEqual({ ok: true });
      expect(await request(email)).toMatchObject({ ok: false, reason: 'too-many-letters' });
    }
  });

  it('a stranger who uses them up does not keep the owner from a browser they know', async () => {
    for (let n = 0; n < 5; n += 1) await request(person.email, newHandle('browser', clock.now()));
    expect(await request()).toMatchObject({ ok: false, reason: 'too-many-letters' });
    const noted = await noteKnownBrowser(platform, { accountId: person.id, browser: undefined });
    browser = noted?.secret ?? '';
    for (let n = 0; n < 5; n += 1) expect(await request()).toEqual({ ok: true });
    expect(await request()).toMatchObject({ ok: false, reason: 'too-many-letters' });
    const other = await createPerson(platform);
    for (let n = 0; n < 5; n += 1) await request(other.email, newHandle('browser', clock.now()));
    expect(await request(other.email)).toMatchObject({ ok: false, reason: 'too-many-letters' });
  });

  it('takes the same statements as for one with an account', async () => {
    const nobody = `nobody-${person.email}`;
    const counted = (work: () => Promise<unknown>) => countStatements(platform, work);
    await request();
    expect(await counted(() => request(nobody))).toEqual(await counted(() => request()));
    await request(nobody);
    const unknown = await counted(() => type('00000000'));
    await request();
    expect(await counted(() => type('00000000'))).toEqual(unknown);
  });
});
