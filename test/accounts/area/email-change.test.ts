import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../../src/accounts/account.ts';
import { normalizeAddress } from '../../../src/accounts/addresses.ts';
import { requestClosing } from '../../../src/accounts/area/closing.ts';
import {
  confirmEmailChange,
  findWaitingChange,
  requestEmailChange,
  sweepEmailChanges,
} from '../../../src/accounts/area/email-change.ts';
import {
  findUndoableChange,
  findWaitingUndo,
  sendUndoCode,
  undoEmailChange,
} from '../../../src/accounts/recovery/email-undo.ts';
import {
  findResetCode,
  proveResetCode,
  requestPasswordReset,
} from '../../../src/accounts/recovery/password-reset.ts';
import { endSession, type LiveSession } from '../../../src/accounts/sessions/sessions.ts';
import { findSignUpCode, requestSignUp, verifySignUp } from '../../../src/accounts/sign-up/sign-up.ts';
import { newHandle } from '../../../src/platform/crypto/secrets.ts';
import { newId } from '../../../src/platform/ids.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { clockAt, type MovableClock } from '../../support/clock.ts';
import { createPerson, PASSWORD, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';
import { newSession } from '../../support/sessions.ts';

const BROWSER = { kind: 'browser' } as const;
const DAY = 86_400;

let clock: MovableClock;
let platform: OpenPlatform;
let person: Person;
let session: LiveSession;
let browser: string;
let newEmail: string;

beforeAll(async () => {
  platform = await openTestPlatform({ clock: { now: () => clock.now() } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  clock = clockAt();
  person = await createPerson(platform);
  session = await newSession(platform, person.id);
  browser = newHandle('browser', clock.now());
  newEmail = `${newId()}@example.org`;
});

const addressOf = (email: string) => {
  const address = normalizeAddress(email);
  if (!address) throw new Error('no address');
  return address;
};
const actorOf = ({ accountId }: LiveSession) => ({ kind: 'account', id: accountId }) as const;
const emailOf = async (id = person.id) =>
  (await platform.db.account.findUniqueOrThrow({ where: { id } })).email;

function request(email = newEmail, by: { session?: LiveSession; browser?: string } = {}) {
  const whose = by.session ?? session;
  const input = { session: whose, address: addressOf(email), browser: by.browser ?? browser };
  return requestEmailChange(platform, actorOf(whose), input);
}

async function lettersTo(email: string) {
  return (await waitingLetters(platform)).filter(({ to }) => to === email);
}

async function codeFor(email: string): Promise<string> {
  return (await lettersTo(email)).map(({ text }) => /\b\d{8}\b/.exec(text)?.[0]).find(Boolean) ?? '';
}

async function confirm(code: string, by: { session?: LiveSession; browser?: string } = {}) {
  const whose = by.session ?? session;
  const found = await findWaitingChange(platform, { session: whose, browser: by.browser ?? browser });
  if (!found) return undefined;
  return confirmEmailChange(platform, actorOf(whose), { ...found, session: whose, code });
}

async function change(email = newEmail) {
  await request(email);
  return confirm(await codeFor(email));
}

/** The id in the link of the letter to this address. */
async function linkTo(email: string): Promise<string> {
  const texts = (await lettersTo(email)).map(({ text }) => text.replaceAll('\n', ' '));
  return texts.map((text) => /email-undo\?change=([0-9a-f-]{36})/.exec(text)?.[1]).find(Boolean) ?? '';
}

async function undo(oldEmail: string) {
  const change = await findUndoableChange(platform, await linkTo(oldEmail));
  if (!change) return undefined;
  const mine = newHandle('browser', clock.now());
  await sendUndoCode(platform, BROWSER, { change, browser: mine });
  const found = await findWaitingUndo(platform, mine);
  if (!found) throw new Error('nobody waits');
  return undoEmailChange(platform, BROWSER, { ...found, code: await codeFor(oldEmail) });
}

describe('a change of address', () => {
  it('takes effect with the code from the new one, ends other sessions and tells both', async () => {
    const other = await newSession(platform, person.id);
    expect(await change()).toEqual({ ok: true, email: newEmail });
    expect(await emailOf()).toBe(newEmail);
    const live = await platform.db.browserSession.findMany({
      where: { accountId: person.id, endedAt: null },
    });
    expect(live.map(({ id }) => id)).toEqual([session.id]);
    expect(live.map(({ id }) => id)).not.toContain(other.id);
    expect((await lettersTo(person.email))[0]?.subject).toBe(
      'Your Gatehouse account uses another address now',
    );
    expect((await lettersTo(newEmail))[0]?.subject).toBe('This is your address at Gatehouse now');
  });

  it('changes nothing before', async () => {
    await request();
    expect(await emailOf()).toBe(person.email);
    expect(await lettersTo(person.email)).toEqual([]);
  });

  it('answers the same for an address that belongs to somebody, and says so once it is proven', async () => {
    const other = await createPerson(platform);
    expect(await request(other.email)).toEqual(await request());
    await request(other.email);
    const [letter] = await lettersTo(other.email);
    const [usual] = await lettersTo(newEmail);
    expect(letter?.text.replace(/\d{8}/, '')).toBe(usual?.text.replace(/\d{8}/, ''));
    expect(await confirm(await codeFor(other.email))).toEqual({ ok: false, reason: 'address-taken' });
    expect(await emailOf()).toBe(person.email);
  });

  it('works in the browser and the session that asked, and in no other', async () => {
    await request();
    const code = await codeFor(newEmail);
    expect(await confirm(code, { browser: newHandle('browser', clock.now()) })).toBeUndefined();
    expect(await confirm(code, { session: await newSession(platform, person.id) })).toBeUndefined();
    const thief = await createPerson(platform);
    expect(await confirm(code, { session: await newSession(platform, thief.id) })).toBeUndefined();
    await endSession(platform, BROWSER, session.id);
    expect(await confirm(code)).toEqual({ ok: false, reason: 'session-over' });
    expect(await emailOf()).toBe(person.email);
  });

  it('goes to one of two accounts that prove one address at the same time', async () => {
    const other = await createPerson(platform);
    const second = {
      session: await newSession(platform, other.id),
      browser: newHandle('browser', clock.now()),
    };
    await request();
    const first = await codeFor(newEmail);
    clock.forward(1);
    await request(newEmail, second);
    const outcomes = await Promise.all([confirm(first), confirm(await codeFor(newEmail), second)]);
    expect(outcomes.filter((outcome) => outcome?.ok)).toHaveLength(1);
    expect(outcomes).toContainEqual({ ok: false, reason: 'address-taken' });
  });

  it('is refused to the address the account has already, and limited to five an hour', async () => {
    expect(await request(person.email.toUpperCase())).toEqual({ ok: false, reason: 'same-address' });
    for (let n = 0; n < 5; n += 1) expect(await request(`${n}-${newEmail}`)).toEqual({ ok: true });
    expect(await request()).toMatchObject({ ok: false, reason: 'too-many-letters' });
  });

  it('leaves no use for a code that was asked for at the old address while it changed', async () => {
    const address = addressOf(person.email);
    const mine = newHandle('browser', clock.now());
    await request();
    const confirming = await codeFor(newEmail);
    // The request has read who the address belongs to, and its letter exists when the change is over.
    await inTransaction(platform, async (tx) => {
      await requestPasswordReset(tx, BROWSER, { address, browser: mine, locale: 'en' });
      expect(await confirm(confirming)).toMatchObject({ ok: true });
    });
    const waiting = await findResetCode(platform, mine);
    if (!waiting) throw new Error('nobody waits');
    const typed = { waiting, browser: mine, code: await codeFor(person.email) };
    expect(await proveResetCode(platform, BROWSER, typed)).toEqual({ ok: false, reason: 'no-code' });
  });

  it('voids the codes of a password reset that went to the old address', async () => {
    const address = addressOf(person.email);
    const mine = newHandle('browser', clock.now());
    await requestPasswordReset(platform, BROWSER, { address, browser: mine, locale: 'en' });
    await change();
    const where = { purpose: 'password-reset', subjectId: person.id, consumedAt: null };
    expect(await platform.db.mailCode.count({ where })).toBe(0);
  });
});

describe('the old address', () => {
  it('is kept for its owner: nobody else gets it, and nobody is told', async () => {
    await change();
    const address = addressOf(person.email);
    const mine = newHandle('browser', clock.now());
    const input = { address, name: 'Eve', password: PASSWORD, browser: mine, locale: 'en' };
    expect(await requestSignUp(platform, BROWSER, input)).toEqual({ ok: true });
    const waiting = await findSignUpCode(platform, mine);
    if (!waiting) throw new Error('nobody waits');
    const origin = { userAgent: 'test', address: '127.0.0.1' };
    expect(await verifySignUp(platform, BROWSER, { waiting, code: '00000000', origin })).toMatchObject({
      reason: 'wrong-code',
    });
    expect(waiting.subjectId).toBeNull();
    const byOperator = { email: person.email, name: 'Eve', password: PASSWORD };
    expect(await createAccount(platform, BROWSER, byOperator)).toMatchObject({ reason: 'address-taken' });
    const other = await createPerson(platform);
    const theirs = { session: await newSession(platform, other.id), browser: mine };
    await request(person.email, theirs);
    expect(await confirm(await codeFor(person.email), theirs)).toEqual({
      ok: false,
      reason: 'address-taken',
    });
    clock.forward(7 * DAY);
    expect(await createAccount(platform, BROWSER, byOperator)).toMatchObject({ ok: true });
  });

  it('is not lost to a sign-up that was begun before the account took the other one', async () => {
    const mine = newHandle('browser', clock.now());
    const input = {
      address: addressOf(newEmail),
      name: 'Eve',
      password: PASSWORD,
      browser: mine,
      locale: 'en',
    };
    await requestSignUp(platform, BROWSER, input);
    const code = await codeFor(newEmail);
    await change();
    await change(`second-${newEmail}`);
    const waiting = await findSignUpCode(platform, mine);
    if (!waiting) throw new Error('nobody waits');
    const origin = { userAgent: 'test', address: '127.0.0.1' };
    const outcome = await verifySignUp(platform, BROWSER, { waiting, code, origin });
    expect(outcome).toEqual({ ok: false, reason: 'address-taken' });
  });

  it('takes the account back: sessions, apps, browsers and plans of whoever changed it are gone', async () => {
    await change();
    const now = clock.now();
    await platform.db.grant.create({
      data: {
        ...{ id: newId(), accountId: person.id, clientId: 'app_x', endsWithSession: false, payload: {} },
        ...{ createdAt: now, expiresAt: new Date(now.getTime() + 1e10) },
      },
    });
    await requestClosing(platform, actorOf(session), session);
    expect(await undo(person.email)).toEqual({ ok: true });
    expect(await emailOf()).toBe(person.email);
    const account = await platform.db.account.findUniqueOrThrow({
      where: { id: person.id },
      include: { totp: true, password: true },
    });
    expect(account).toMatchObject({ closesAt: null, totp: [{}], password: {} });
    expect(await platform.db.browserSession.count({ where: { accountId: person.id, endedAt: null } })).toBe(
      0,
    );
    expect(await platform.db.grant.count({ where: { accountId: person.id, revokedAt: null } })).toBe(0);
    for (const email of [person.email, newEmail]) {
      const subjects = (await lettersTo(email)).map(({ subject }) => subject);
      expect(subjects).toContain('The change of your Gatehouse email was undone');
    }
  });

  it('takes it back over several changes, and none of the addresses in between can undo that', async () => {
    await change();
    clock.forward(60);
    const third = `third-${newEmail}`;
    await change(third);
    expect(await undo(person.email)).toEqual({ ok: true });
    expect(await emailOf()).toBe(person.email);
    expect(await undo(newEmail)).toBeUndefined();
  });

  it('has seven days, and one undo', async () => {
    await change();
    const id = await linkTo(person.email);
    clock.forward(7 * DAY - 1);
    expect(await findUndoableChange(platform, id)).toBeDefined();
    clock.forward(1);
    expect(await findUndoableChange(platform, id)).toBeUndefined();
    expect(await findUndoableChange(platform, 'x')).toBeUndefined();
    clock.forward(DAY + 1);
    await sweepEmailChanges(platform);
    expect(await platform.db.emailChange.count({ where: { id } })).toBe(0);
  });

  it('is undone once, however many try at the same time', async () => {
    await change();
    const change1 = await findUndoableChange(platform, await linkTo(person.email));
    if (!change1) throw new Error('nothing to undo');
    await sendUndoCode(platform, BROWSER, { change: change1, browser });
    const found = await findWaitingUndo(platform, browser);
    if (!found) throw new Error('nobody waits');
    const code = await codeFor(person.email);
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => undoEmailChange(platform, BROWSER, { ...found, code })),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('cannot be played off against its owner who went back by themselves', async () => {
    await change();
    clock.forward(3600);
    expect(await change(person.email)).toEqual({ ok: true, email: person.email });
    expect(await linkTo(newEmail)).toBe('');
    expect(await undo(person.email)).toBeUndefined();
  });
});
